/* Marks for the constant-time check: what is secret, and where a secret becomes public on purpose.
 *
 *     IC_CT_PUBLIC(key->public_key, key->public_len);   // derived from a secret, yet for everybody
 *
 * In the build `ct` (tools/build ct) valgrind's memcheck takes what is secret for uninitialised, so it names every
 * branch and every index that depends on it, through the providers' code too: `make consttime`. In every
 * other build both macros are nothing. A mark of IC_CT_PUBLIC is a claim: say beside it why it holds, where
 * that is not plain.
 */
#ifndef IC_BASE_CT_H
#define IC_BASE_CT_H

#ifdef IC_CT_CHECK
#include <valgrind/memcheck.h>
#define IC_CT_SECRET(p, n) ((void)VALGRIND_MAKE_MEM_UNDEFINED((p), (n)))
#define IC_CT_PUBLIC(p, n) ((void)VALGRIND_MAKE_MEM_DEFINED((p), (n)))
#else
#define IC_CT_SECRET(p, n) ((void)0)
#define IC_CT_PUBLIC(p, n) ((void)0)
#endif

#endif
