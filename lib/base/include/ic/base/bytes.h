/* A view: borrowed bytes. It owns nothing and is valid as long as what it looks at.
 *
 *     struct ic_view v = IC_VIEW_STR("abc");
 *     if (ic_view_equal(v, other)) ...
 */
#ifndef IC_BASE_BYTES_H
#define IC_BASE_BYTES_H

#include <assert.h>
#include <ic/base/api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

IC_API_BEGIN

struct ic_view {
    const uint8_t *p;
    size_t len;
};

#ifdef __cplusplus
#define IC_VIEW_STR(literal) ic_view((literal), sizeof(literal) - 1)
#define IC_VIEW_ARRAY(array) ic_view((array), sizeof(array))
#else
#define IC_VIEW_STR(literal) ((struct ic_view){(const uint8_t *)(literal), sizeof(literal) - 1})
#define IC_VIEW_ARRAY(array) ((struct ic_view){(array), sizeof(array)})
#endif
/* The same as the initialiser of a static object. */
#define IC_VIEW_INIT(literal)                                                                      \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

/* A view of len bytes at p, which may be NULL where len is 0. */
static inline struct ic_view ic_view(const void *p, size_t len)
{
    struct ic_view v = {(const uint8_t *)p, len};
    return v;
}

/* A NUL-terminated string without its NUL; NULL gives the empty view. */
struct ic_view ic_view_cstr(const char *s);
/* Not in constant time: for public bytes. */
bool ic_view_equal(struct ic_view a, struct ic_view b);
/* <0, 0, >0 in order of bytes, shorter first on a common prefix. */
int ic_view_cmp(struct ic_view a, struct ic_view b);
/* Bytes [from, from+len); asserts that they are inside. */
static inline struct ic_view ic_view_sub(struct ic_view v, size_t from, size_t len)
{
    assert(from <= v.len && len <= v.len - from);
    return ic_view(v.p ? v.p + from : v.p, len);
}
/* True where v is well-formed UTF-8 without control characters. */
bool ic_view_is_text(struct ic_view v);
/* The same, and control characters may stand in it: line breaks, tabs. */
bool ic_view_is_utf8(struct ic_view v);

/* A big-endian load at p; the caller has checked the room, here and below. */
static inline uint16_t ic_load_u16(const uint8_t *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? v : __builtin_bswap16(v);
}
/* Loads 4 bytes, big-endian. */
static inline uint32_t ic_load_u32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? v : __builtin_bswap32(v);
}
/* Loads 8 bytes, big-endian. */
static inline uint64_t ic_load_u64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? v : __builtin_bswap64(v);
}
/* Stores 2 bytes, big-endian. */
static inline void ic_store_u16(uint8_t *p, uint16_t v)
{
    v = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? v : __builtin_bswap16(v);
    memcpy(p, &v, sizeof v);
}
/* Stores 4 bytes, big-endian. */
static inline void ic_store_u32(uint8_t *p, uint32_t v)
{
    v = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? v : __builtin_bswap32(v);
    memcpy(p, &v, sizeof v);
}
/* Stores 8 bytes, big-endian. */
static inline void ic_store_u64(uint8_t *p, uint64_t v)
{
    v = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? v : __builtin_bswap64(v);
    memcpy(p, &v, sizeof v);
}

IC_API_END

#endif
