#include <ic/base/ct.h>
#include <ic/base/secret.h>
#include <string.h>

void ic_wipe(void *p, size_t n)
{
    if (n == 0)
        return;
    memset(p, 0, n);
    /* The compiler must assume that this reads the bytes, so it cannot drop the memset. */
    __asm__ __volatile__("" : : "r"(p) : "memory");
}

void ic_secret_clear(struct ic_secret *s)
{
    ic_wipe(s, sizeof *s);
}

ic_err ic_secret_set(struct ic_secret *s, struct ic_view v)
{
    if (v.len > IC_SECRET_MAX)
        return IC_ERR_RANGE;
    struct ic_secret copy = {.len = v.len}; /* v may look into s */
    if (v.len)
        memcpy(copy.b, v.p, v.len);
    *s = copy;
    IC_CT_SECRET(s->b, s->len);
    ic_secret_clear(&copy);
    return IC_OK;
}

bool ic_ct_equal(struct ic_view a, struct ic_view b)
{
    if (a.len != b.len)
        return false;
    uint8_t diff = 0;
    for (size_t i = 0; i < a.len; i++)
        diff |= (uint8_t)(a.p[i] ^ b.p[i]);
    /* Hides the value from the optimiser, which could otherwise leave the loop early. */
    __asm__ __volatile__("" : "+r"(diff));
    IC_CT_PUBLIC(&diff, sizeof diff); /* the answer is what the caller asked for */
    return diff == 0;
}

bool ic_secret_equal(const struct ic_secret *a, const struct ic_secret *b)
{
    return ic_ct_equal(ic_secret_view(a), ic_secret_view(b));
}
