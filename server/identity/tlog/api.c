/* What everybody may ask of the log: heads, staples, proofs of consistency. */
#include "identity/tlog/private.h"

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <stdlib.h>
#include <string.h>

json_t *icd_tlog_text(struct ic_view bytes)
{
    IC_AUTOFREE char *text = ic_calloc(1, ic_base64_len(IC_BASE64_URL, bytes.len) + 1);
    if (!text)
        return NULL;
    ic_base64_encode(IC_BASE64_URL, bytes, text);
    return json_string(text);
}

static json_t *hex_of(const struct ic_merkle_hash *h)
{
    char hex[2 * IC_MERKLE_HASH_LEN + 1];
    ic_hex_encode(ic_merkle_hash_view(h), hex);
    return json_string(hex);
}

static void on_head(struct icd_identity *id, struct icd_call *c)
{
    struct ic_merkle_head h;
    IC_BUF_SCOPE(bytes, IC_MERKLE_HEAD_MAX);
    ic_err e = icd_tlog_head(id, &h);
    if (e == IC_OK)
        e = ic_merkle_head_encode(&h, &bytes);
    if (e != IC_OK) {
        icd_call_refuse_err(c, e, "the log has no head");
        return;
    }
    icd_call_json(c, 200,
                  json_pack("{s:o, s:I, s:I, s:o, s:o}", "head", icd_tlog_text(ic_buf_view(&bytes)),
                            "size", (json_int_t)h.size, "time", (json_int_t)h.time_ms, "root",
                            hex_of(&h.root), "log", hex_of(&h.log)));
}

bool icd_tlog_hash(const struct icd_call *c, const char *name, struct ic_buf *out)
{
    char hex[2 * IC_MERKLE_HASH_LEN + 1];
    return icd_call_query(c, name, hex, sizeof hex) &&
           ic_hex_decode(ic_view_cstr(hex), out) == IC_OK && out->len == IC_MERKLE_HASH_LEN;
}

static void on_staple(struct icd_identity *id, struct icd_call *c)
{
    struct ic_merkle_staple s;
    IC_BUF_SCOPE(hash, IC_MERKLE_HASH_LEN);
    IC_BUF_SCOPE(bytes, IC_MERKLE_STAPLE_MAX);
    if (!icd_tlog_hash(c, "certificate", &hash)) {
        icd_call_refuse(c, 400, "invalid", "certificate is no SHA-256 in hexadecimal");
        return;
    }
    ic_err e = icd_tlog_staple(id, ic_buf_view(&hash), &s);
    if (e == IC_OK)
        e = ic_merkle_staple_encode(&s, &bytes);
    if (e != IC_OK) {
        icd_call_refuse_err(c, e, "this certificate is not in the log");
        return;
    }
    icd_call_json(c, 200,
                  json_pack("{s:o, s:I, s:I}", "staple", icd_tlog_text(ic_buf_view(&bytes)),
                            "index", (json_int_t)s.index, "size", (json_int_t)s.head.size));
}

bool icd_tlog_number(const struct icd_call *c, const char *name, uint64_t *out)
{
    char text[20], *end;
    if (!icd_call_query(c, name, text, sizeof text) || !text[0] ||
        strspn(text, "0123456789") != strlen(text))
        return false;
    *out = strtoull(text, &end, 10);
    return *end == '\0';
}

static void on_consistency(struct icd_identity *id, struct icd_call *c)
{
    struct ic_merkle_nodes nodes = icd_tlog_nodes(id);
    struct ic_merkle_path path;
    uint64_t first, second;
    IC_BUF_SCOPE(bytes, 2 + sizeof path.hash);
    if (!icd_tlog_number(c, "first", &first) || !icd_tlog_number(c, "second", &second) ||
        first > second || second > icd_tlog_size(id)) {
        icd_call_refuse(c, 400, "invalid", "first and second are no two sizes of the log in order");
        return;
    }
    ic_err e = ic_merkle_consistency(&nodes, first, second, &path);
    if (e == IC_OK)
        e = ic_merkle_path_encode(&path, &bytes);
    if (e != IC_OK) {
        icd_call_refuse_err(c, e, "there is no such proof");
        return;
    }
    icd_call_json(c, 200, json_pack("{s:o}", "path", icd_tlog_text(ic_buf_view(&bytes))));
}

const struct icd_id_route icd_tlog_routes[ICD_TLOG_ROUTES] = {
    {"GET", "/api/v1/identity/log/head", on_head},
    {"GET", "/api/v1/identity/log/staple", on_staple},
    {"GET", "/api/v1/identity/log/consistency", on_consistency},
    {"GET", "/api/v1/identity/log/entries", icd_tlog_on_entries},
    {"GET", "/api/v1/identity/log/certificate", icd_tlog_on_certificate},
};
