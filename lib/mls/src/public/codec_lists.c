/* Lists of types and extensions (RFC 9420 sections 7.2, 11.1, 12.1.8.1, 13.4). */
#include "codec_internal.h"
#include <ic/base/mem.h>

bool ic_mlspub_read_optional(struct ic_reader *r)
{
    uint8_t present = ic_read_u8(r);
    /* RFC9420-2.1.1-1 */
    if (present > 1)
        ic_reader_fail(r, IC_ERR_MALFORMED);
    return r->err == IC_OK && present == 1;
}

uint8_t ic_mlspub_read_enum(struct ic_reader *r, uint8_t max)
{
    uint8_t v = ic_read_u8(r);
    if (v == 0 || v > max)
        ic_reader_fail(r, IC_ERR_RANGE);
    return v;
}

struct ic_view ic_mlspub_read_u16_list(struct ic_reader *r)
{
    struct ic_view v = read_vec(r);
    if (v.len % 2 != 0)
        ic_reader_fail(r, IC_ERR_MALFORMED);
    return v;
}

void *ic_mlspub_read_array(struct ic_reader *r, struct ic_arena *a, size_t count, size_t size)
{
    if (count == 0 || r->err != IC_OK)
        return NULL;
    void *p = ic_arena_alloc(a, count, size);
    if (!p)
        ic_reader_fail(r, IC_ERR_NOMEM);
    return p;
}

struct ic_view ic_mlspub_read_extensions(struct ic_reader *r)
{
    struct ic_view list = read_vec(r);
    if (r->err == IC_OK)
        ic_reader_fail(r, ic_mlspub_extensions_check(list));
    return list;
}

bool ic_mlspub_is_grease(uint16_t value)
{
    return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff) && value != 0xfafa;
}

/* RFC9420-7.2-5 RFC9420-13.5-4 */
bool ic_mlspub_list_has(struct ic_view list, uint16_t value)
{
    for (size_t i = 0; i + 1 < list.len; i += 2)
        if (ic_load_u16(list.p + i) == value)
            return true;
    return false;
}

bool ic_mlspub_extensions_next(struct ic_reader *r, uint16_t *type, struct ic_view *data)
{
    if (!ic_reader_more(r))
        return false;
    uint16_t t = ic_read_u16(r);
    struct ic_view d = read_vec(r);
    if (r->err != IC_OK)
        return false;
    *type = t;
    *data = d;
    return true;
}

/* For the long lists that only GREASE or malice make: a bit for each type. */
static ic_err check_many(struct ic_view list)
{
    uint64_t seen[1024] = {0};
    struct ic_reader r = ic_reader(list);
    uint16_t type;
    struct ic_view data;
    while (ic_mlspub_extensions_next(&r, &type, &data)) {
        uint64_t bit = UINT64_C(1) << type % 64;
        if (seen[type / 64] & bit)
            return IC_ERR_RULE;
        seen[type / 64] |= bit;
    }
    return ic_reader_end(&r);
}

ic_err ic_mlspub_extensions_check(struct ic_view list)
{
    uint16_t few[8], type;
    size_t n = 0;
    struct ic_view data;
    struct ic_reader r = ic_reader(list);
    while (ic_mlspub_extensions_next(&r, &type, &data)) {
        if (n == IC_ARRAY_LEN(few))
            return check_many(list);
        /* RFC 9420 section 13.4: no more than one extension of any given type. */
        for (size_t i = 0; i < n; i++)
            /* RFC9420-13.4-5 */
            if (few[i] == type)
                return IC_ERR_RULE;
        few[n++] = type;
    }
    return ic_reader_end(&r);
}

bool ic_mlspub_extensions_find(struct ic_view list, uint16_t type, struct ic_view *data)
{
    struct ic_reader r = ic_reader(list);
    uint16_t t;
    struct ic_view d;
    while (ic_mlspub_extensions_next(&r, &t, &d)) {
        if (t != type)
            continue;
        if (data)
            *data = d;
        return true;
    }
    return false;
}

void ic_mlspub_extension_write(struct ic_writer *w, uint16_t type, struct ic_view data)
{
    ic_write_u16(w, type);
    ic_write_vec(w, data);
}

ic_err ic_mlspub_required_capabilities_decode(struct ic_view data,
                                              struct ic_mlspub_required_capabilities *out)
{
    struct ic_mlspub_required_capabilities x;
    struct ic_reader r = ic_reader(data);
    x.extensions = ic_mlspub_read_u16_list(&r);
    x.proposals = ic_mlspub_read_u16_list(&r);
    x.credentials = ic_mlspub_read_u16_list(&r);
    IC_TRY(ic_reader_end(&r));
    *out = x;
    return IC_OK;
}

static void external_sender_read(struct ic_reader *r, struct ic_mlspub_external_sender *out)
{
    out->signature_key = read_vec(r);
    ic_mlspub_credential_read(r, NULL, &out->credential);
}

ic_err ic_mlspub_external_senders_check(struct ic_view data)
{
    struct ic_reader r = ic_reader(data);
    struct ic_reader list = ic_read_sub(&r, VEC_MAX);
    struct ic_mlspub_external_sender x;
    while (ic_reader_more(&list))
        external_sender_read(&list, &x);
    IC_TRY(ic_reader_end(&list));
    return ic_reader_end(&r);
}

ic_err ic_mlspub_external_sender_at(struct ic_view data, uint32_t index,
                                    struct ic_mlspub_external_sender *out)
{
    struct ic_reader r = ic_reader(data);
    struct ic_reader list = ic_read_sub(&r, VEC_MAX);
    struct ic_mlspub_external_sender x;
    for (uint32_t i = 0; ic_reader_more(&list); i++) {
        external_sender_read(&list, &x);
        if (list.err == IC_OK && i == index) {
            *out = x;
            return IC_OK;
        }
    }
    return list.err != IC_OK ? list.err : IC_ERR_NOT_FOUND;
}
