/* Shared by the codec's files. */
#ifndef IC_MLSPUB_CODEC_INTERNAL_H
#define IC_MLSPUB_CODEC_INTERNAL_H

#include <ic/mlspub/codec.h>

/* No vector is longer than its length field can say; what holds it is the message's own bound. */
enum { VEC_MAX = (1 << 30) - 1 };

/* The bytes from start up to where the reader stands; empty after an error. */
static inline struct ic_view read_since(const struct ic_reader *r, const uint8_t *start)
{
    return r->err == IC_OK ? ic_view(start, (size_t)(r->p - start)) : ic_view(NULL, 0);
}

static inline struct ic_view read_vec(struct ic_reader *r)
{
    return ic_read_vec(r, VEC_MAX);
}

/* optional<T>: true where T follows (RFC 9420 section 2.1.1). */
bool ic_mlspub_read_optional(struct ic_reader *r);
/* A u8 enum in [1, max]; IC_ERR_RANGE else. */
uint8_t ic_mlspub_read_enum(struct ic_reader *r, uint8_t max);
struct ic_view ic_mlspub_read_extensions(struct ic_reader *r);
struct ic_view ic_mlspub_read_u16_list(struct ic_reader *r);
/* An array in the arena; fails the reader without memory. count 0 gives NULL. */
void *ic_mlspub_read_array(struct ic_reader *r, struct ic_arena *a, size_t count, size_t size);

/* The body of X_decode, given X_read. */
#define CODEC_DECODE(thing)                                                                        \
    ic_err ic_mlspub_##thing##_decode(struct ic_view bytes, struct ic_arena *a,                    \
                                      struct ic_mlspub_##thing *out)                               \
    {                                                                                              \
        struct ic_mlspub_##thing x = {0};                                                          \
        struct ic_reader r = ic_reader(bytes);                                                     \
        ic_mlspub_##thing##_read(&r, a, &x);                                                       \
        IC_TRY(ic_reader_end(&r));                                                                 \
        *out = x;                                                                                  \
        return IC_OK;                                                                              \
    }

#endif
