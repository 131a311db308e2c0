#include "identity/accounts/webauthn_data.h"

#include <ic/base/reader.h>

enum { HEAD_LEN = 37, HAS_KEY = 0x40, HAS_EXTENSIONS = 0x80, AAGUID_LEN = 16, ITEMS_MAX = 256 };

/* RFC 8949 section 3: the argument of an item's head. Indefinite lengths are not canonical CBOR of CTAP2. */
static uint64_t argument(struct ic_reader *r, uint8_t additional)
{
    switch (additional) {
    case 24:
        return ic_read_u8(r);
    case 25:
        return ic_read_u16(r);
    case 26:
        return ic_read_u32(r);
    case 27:
        return ic_read_u64(r);
    default:
        if (additional > 27)
            ic_reader_fail(r, IC_ERR_MALFORMED);
        return additional;
    }
}

/* One item and all that is in it, without recursion: `due` items are still to come. */
static void skip_item(struct ic_reader *r)
{
    enum { BYTES = 2, TEXT, ARRAY, MAP, TAG };
    uint64_t due = 1, seen = 0;
    while (due > 0 && r->err == IC_OK) {
        uint8_t head = ic_read_u8(r), major = head >> 5;
        uint64_t n = argument(r, head & 0x1f);
        due--;
        if (++seen > ITEMS_MAX || (major >= BYTES && major <= MAP && n > ic_reader_left(r)))
            ic_reader_fail(r, IC_ERR_MALFORMED);
        else if (major == BYTES || major == TEXT)
            ic_read_bytes(r, (size_t)n);
        else if (major == ARRAY || major == MAP)
            due += major == MAP ? 2 * n : n;
        else if (major == TAG)
            due++;
    }
}

bool icd_webauthn_data_fit(struct ic_view data)
{
    if (data.len < HEAD_LEN)
        return false;
    uint8_t flags = data.p[32];
    struct ic_reader r = ic_reader(ic_view_sub(data, HEAD_LEN, data.len - HEAD_LEN));
    if (flags & HAS_KEY) {
        ic_read_bytes(&r, AAGUID_LEN);
        ic_read_bytes(&r, ic_read_u16(&r));
        skip_item(&r);
    }
    if (flags & HAS_EXTENSIONS)
        skip_item(&r);
    return ic_reader_end(&r) == IC_OK;
}
