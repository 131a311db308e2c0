/* Of a test build alone (-Dtest_hooks=true): gives away what a member holds, so that the demo can show
 * that it is found nowhere else. Not in any installed program: `make check` proves it by these names. */
#ifndef IC_MLS_TESTHOOK_H
#define IC_MLS_TESTHOOK_H

#include <ic/mls/group.h>

/* kind: a word for people. Called with every secret of the current epoch, and our private keys. */
typedef void ic_testhook_secret(void *ctx, const char *kind, struct ic_view secret);
void ic_testhook_mls_group(const struct ic_mls_group *g, ic_testhook_secret *give, void *ctx);
void ic_testhook_mls_key_package(const struct ic_mls_key_package *k, ic_testhook_secret *give,
                                 void *ctx);

#endif
