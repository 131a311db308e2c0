#include "write.h"

#include <ic/crypto/hash.h>
#include <string.h>

static bool text_good(struct ic_view text)
{
    return text.len <= IC_PKI_TEXT_MAX && ic_view_is_text(text);
}

static void write_part(struct ic_writer *w, struct ic_view type, struct ic_view text)
{
    if (text.len == 0)
        return;
    if (!text_good(text))
        ic_writer_fail(w, IC_ERR_ARG);
    size_t set = ic_pki_der_open(w, DER_SET);
    size_t pair = ic_pki_der_open(w, DER_SEQUENCE);
    ic_pki_der_put(w, DER_OID, type);
    ic_pki_der_put(w, DER_UTF8, text);
    ic_pki_der_close(w, pair);
    ic_pki_der_close(w, set);
}

void ic_pki_write_subject(struct ic_writer *w, const struct ic_pki_subject *s)
{
    size_t name = ic_pki_der_open(w, DER_SEQUENCE);
    write_part(w, IC_VIEW_STR("\x55\x04\x0a"), s->organisation);
    write_part(w, ic_pki_oid_common_name, s->common_name);
    ic_pki_der_close(w, name);
}

struct ic_pki_open_extension ic_pki_extension_open(struct ic_writer *w, struct ic_view oid,
                                                   bool critical)
{
    struct ic_pki_open_extension e = {.outer = ic_pki_der_open(w, DER_SEQUENCE)};
    ic_pki_der_put(w, DER_OID, oid);
    if (critical)
        ic_pki_der_put_true(w);
    e.value = ic_pki_der_open(w, DER_OCTET_STRING);
    return e;
}

void ic_pki_extension_close(struct ic_writer *w, struct ic_pki_open_extension e)
{
    ic_pki_der_close(w, e.value);
    ic_pki_der_close(w, e.outer);
}

/* Whether a name has the form of its kind is for the caller: it differs in constraints. */
void ic_pki_write_name(struct ic_writer *w, const struct ic_pki_name *name)
{
    static const uint8_t constructed = 1 << IC_PKI_NAME_OTHER | 1 << IC_PKI_NAME_X400 |
                                       1 << IC_PKI_NAME_DIRECTORY | 1 << IC_PKI_NAME_EDI;
    if ((unsigned)name->kind > IC_PKI_NAME_REGISTERED) {
        ic_writer_fail(w, IC_ERR_ARG);
        return;
    }
    bool inner = name->kind < 8 && constructed >> name->kind & 1;
    ic_pki_der_put(w, (uint8_t)(DER_CONTEXT | name->kind | (inner ? DER_CONSTRUCTED : 0)),
                   name->value);
}

void ic_pki_write_names(struct ic_writer *w, const struct ic_pki_name *names, size_t n)
{
    if (n > IC_PKI_NAMES_MAX)
        ic_writer_fail(w, IC_ERR_LIMIT);
    for (size_t i = 0; i < n && w->err == IC_OK; i++) {
        if (!ic_pki_general_name_good(&names[i], false))
            ic_writer_fail(w, IC_ERR_ARG);
        ic_pki_write_name(w, &names[i]);
    }
}

void ic_pki_write_alt_names(struct ic_writer *w, const struct ic_pki_name *names, size_t n,
                            bool critical)
{
    if (n == 0)
        return;
    struct ic_pki_open_extension e = ic_pki_extension_open(w, PKI_CE("\x11"), critical);
    size_t list = ic_pki_der_open(w, DER_SEQUENCE);
    ic_pki_write_names(w, names, n);
    ic_pki_der_close(w, list);
    ic_pki_extension_close(w, e);
}

void ic_pki_write_authority_key_id(struct ic_writer *w, struct ic_view key_id)
{
    if (key_id.len == 0)
        return;
    struct ic_pki_open_extension e = ic_pki_extension_open(w, PKI_CE("\x23"), false);
    size_t list = ic_pki_der_open(w, DER_SEQUENCE);
    ic_pki_der_put(w, DER_CONTEXT | 0, key_id);
    ic_pki_der_close(w, list);
    ic_pki_extension_close(w, e);
}

void ic_pki_write_algorithm(struct ic_writer *w, enum ic_sig_id id)
{
    struct ic_view identifier = ic_pki_sign_identifier(id);
    if (identifier.len == 0)
        ic_writer_fail(w, IC_ERR_UNSUPPORTED);
    ic_write_bytes(w, identifier);
}

void ic_pki_write_key_info(struct ic_writer *w, enum ic_sig_id id, struct ic_view key)
{
    struct ic_view identifier = ic_pki_key_identifier(id);
    if (identifier.len == 0 || key.len != ic_sig_public_len(id))
        ic_writer_fail(w, IC_ERR_KEY);
    size_t info = ic_pki_der_open(w, DER_SEQUENCE);
    ic_write_bytes(w, identifier);
    ic_pki_der_put_bytes(w, key);
    ic_pki_der_close(w, info);
}

void ic_pki_write_signature(struct ic_writer *w, size_t from, const struct ic_sign_key *key)
{
    uint8_t sig[IC_SIG_MAX];
    size_t len = 0;
    if (w->err != IC_OK)
        return;
    struct ic_view part = ic_view_sub(ic_buf_view(w->buf), from, w->buf->len - from);
    ic_err e = ic_sign(key, part, sig, &len);
    if (e != IC_OK)
        ic_writer_fail(w, e);
    ic_pki_write_algorithm(w, ic_sign_key_id(key));
    ic_pki_der_put_bytes(w, ic_view(sig, len));
}

ic_err ic_pki_is_key_of(const struct ic_sign_key *k, const struct ic_pki_cert *c)
{
    bool signs = c->key_kind == IC_PKI_KEY_ECDSA || c->key_kind == IC_PKI_KEY_EDDSA;
    return signs && c->key_sig == ic_sign_key_id(k) && ic_view_equal(c->key, ic_sign_key_public(k))
               ? IC_OK
               : IC_ERR_KEY;
}
