/* Secrets: fixed capacity, wiped on scope exit, compared in constant time, never printable.
 *
 *     IC_SECRET_SCOPE(s);            // an empty secret that wipes itself
 *     IC_TRY(ic_hkdf_extract(..., &s));
 */
#ifndef IC_BASE_SECRET_H
#define IC_BASE_SECRET_H

#include <ic/base/api.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>

IC_API_BEGIN

/* The longest: a P-521 private key. */
enum { IC_SECRET_MAX = 66 };

struct ic_secret {
    size_t len; /* 0..IC_SECRET_MAX */
    uint8_t b[IC_SECRET_MAX];
};

/* Overwrites n bytes in a way the compiler keeps. */
void ic_wipe(void *p, size_t n);
/* Wipes; the secret is empty. */
void ic_secret_clear(struct ic_secret *s);
/* Copies v in. IC_ERR_RANGE when it is longer than IC_SECRET_MAX. */
ic_err ic_secret_set(struct ic_secret *s, struct ic_view v);
/* What it holds; borrowed. */
static inline struct ic_view ic_secret_view(const struct ic_secret *s)
{
    return ic_view(s->b, s->len);
}
/* Constant time in the bytes, not in the lengths. */
bool ic_ct_equal(struct ic_view a, struct ic_view b);
/* The same of two secrets. */
bool ic_secret_equal(const struct ic_secret *a, const struct ic_secret *b);

#define IC_SECRET_SCOPE(name)                                                                      \
    __attribute__((cleanup(ic_secret_clear))) struct ic_secret name = {0, {0}}

IC_API_END

#endif
