/* The clear-byte profile: what browsers without Dependency Descriptor want to see at the front of a picture.
 *
 * The prefix is constant but for the picture's size, and says nothing more than the packets do anyway. As an SFrame
 * header its first byte announces a KID of two bytes, and 00 00 is not the shortest form of any: no frame
 * begins so (RFC 9605 section 4.3), and who opens frames tells the two apart by it. */
#include <ic/base/mem.h>
#include <ic/meeting/media.h>
#include <string.h>

enum { TAG_LEN = 3, KEY_LEN = IC_MEETING_CLEAR_MAX, START_LEN = 6 };

/* RFC 6386 section 9.1: frame tag, and of a key frame the start code, width and height. */
static const uint8_t key_start[START_LEN] = {0x90, 0x00, 0x00, 0x9d, 0x01, 0x2a};
static const uint8_t other[TAG_LEN] = {0x91, 0x00, 0x00};

static bool is_key(struct ic_view vp8)
{
    return vp8.len >= KEY_LEN && !(vp8.p[0] & 1) &&
           memcmp(vp8.p + TAG_LEN, key_start + TAG_LEN, 3) == 0;
}

size_t ic_meeting_clear_prefix(struct ic_view vp8, uint8_t *out)
{
    if (!is_key(vp8)) {
        memcpy(out, other, sizeof other);
        return sizeof other;
    }
    memcpy(out, key_start, START_LEN);
    memcpy(out + START_LEN, vp8.p + START_LEN, KEY_LEN - START_LEN);
    return KEY_LEN;
}

size_t ic_meeting_clear_len(struct ic_view sealed)
{
    if (sealed.len >= KEY_LEN && memcmp(sealed.p, key_start, START_LEN) == 0)
        return KEY_LEN;
    return sealed.len >= TAG_LEN && memcmp(sealed.p, other, sizeof other) == 0 ? TAG_LEN : 0;
}
