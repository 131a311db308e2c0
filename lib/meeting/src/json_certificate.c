/* A leaf's certificates for the viewer: what they say, and what this device makes of them. */
#include "internal.h"
#include <ic/meeting/json.h>
#include <ic/pki/chain.h>
#include <stdio.h>

static void write_time(struct ic_json *j, const char *key, int64_t time)
{
    char text[IC_PKI_TIME_TEXT];
    ic_pki_time_text(time, text);
    ic_json_cstr(j, key, text);
}

static void write_name(struct ic_json *j, const char *key, struct ic_view name)
{
    char text[512];
    ic_pki_name_text(name, text, sizeof text);
    ic_json_cstr(j, key, text);
}

static void write_one(struct ic_json *j, const struct ic_pki_cert *c)
{
    write_name(j, "subject", c->subject);
    write_name(j, "issuer", c->issuer);
    write_time(j, "not_before", c->not_before);
    write_time(j, "not_after", c->not_after);
    ic_json_hex(j, "serial", c->serial);
    ic_json_hex(j, "fingerprint", IC_VIEW_ARRAY(c->fingerprint));
}

static const char *kind_name(enum ic_pki_name_kind k)
{
    switch (k) {
    case IC_PKI_NAME_EMAIL:
        return "email";
    case IC_PKI_NAME_DNS:
        return "dns";
    case IC_PKI_NAME_URI:
        return "uri";
    case IC_PKI_NAME_IP:
        return "ip";
    case IC_PKI_NAME_DIRECTORY:
        return "directory";
    default:
        return "other";
    }
}

static void write_ip(struct ic_json *j, struct ic_view ip)
{
    char text[48];
    if (ip.len == 4)
        snprintf(text, sizeof text, "%u.%u.%u.%u", ip.p[0], ip.p[1], ip.p[2], ip.p[3]);
    size_t at = 0;
    for (size_t i = 0; ip.len == 16 && i < 16; i += 2)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%x", i ? ":" : "",
                               (unsigned)(ip.p[i] << 8 | ip.p[i + 1]));
    if (ip.len == 4 || ip.len == 16)
        ic_json_cstr(j, "value", text);
    else
        ic_json_hex(j, "value", ip);
}

static void write_names(struct ic_json *j, const struct ic_pki_cert *c)
{
    struct ic_reader r = ic_reader(c->names);
    struct ic_pki_name n;
    ic_json_array(j, "names");
    while (ic_pki_names_next(&r, &n)) {
        ic_json_object(j, NULL);
        ic_json_cstr(j, "kind", kind_name(n.kind));
        if (n.kind == IC_PKI_NAME_IP)
            write_ip(j, n.value);
        else if (n.kind == IC_PKI_NAME_DIRECTORY)
            write_name(j, "value", n.value);
        else if (n.kind == IC_PKI_NAME_EMAIL || n.kind == IC_PKI_NAME_DNS ||
                 n.kind == IC_PKI_NAME_URI)
            ic_json_text(j, "value", n.value);
        else
            ic_json_hex(j, "value", n.value);
        ic_json_object_end(j);
    }
    ic_json_array_end(j);
}

static const char *key_name(const struct ic_pki_cert *c)
{
    switch (c->key_kind) {
    case IC_PKI_KEY_ECDSA:
        return c->key.len == 65 ? "ECDSA P-256" : c->key.len == 97 ? "ECDSA P-384" : "ECDSA P-521";
    case IC_PKI_KEY_EDDSA:
        return c->key.len == 32 ? "Ed25519" : "Ed448";
    default:
        return "RSA";
    }
}

static void write_chain(struct ic_json *j, const struct ic_pki_chain *chain)
{
    ic_json_array(j, "chain");
    for (size_t i = 1; i < chain->count; i++) {
        ic_json_object(j, NULL);
        write_one(j, &chain->certs[i]);
        ic_json_object_end(j);
    }
    ic_json_array_end(j);
}

static void write_certificate(struct ic_json *j, const struct ic_meeting *m,
                              const struct ic_mlspub_leaf_node *leaf)
{
    char text[IC_PKI_FAULT_TEXT];
    struct ic_pki_chain chain;
    struct verdict v = ic_meeting_identity_judge(m, leaf, text);
    if (leaf->credential.type != IC_MLS_X509 ||
        ic_pki_chain_decode(leaf->credential.identity, 0, &chain, NULL) != IC_OK)
        return;
    ic_json_object(j, "certificate");
    ic_json_cstr(j, "state", ic_meeting_identity_name(v.identity));
    ic_json_cstr(j, "reason", v.reason);
    ic_json_cstr(j, "reason_text", text);
    ic_json_cstr(j, "vouched_by", v.vouched_by);
    write_one(j, &chain.certs[0]);
    write_names(j, &chain.certs[0]);
    ic_json_cstr(j, "key", key_name(&chain.certs[0]));
    write_chain(j, &chain);
    ic_json_object_end(j);
}

ic_err ic_meeting_certificate_json(const struct ic_meeting *m, uint32_t index, uint64_t time_ms,
                                   struct ic_buf *out)
{
    struct ic_mlspub_leaf_node leaf;
    if (!m->group)
        return IC_ERR_STATE;
    IC_TRY(ic_mls_leaf(m->group, index, &leaf));
    struct ic_json j = ic_meeting_json_open("certificate", time_ms, out);
    ic_json_uint(&j, "leaf", index);
    write_certificate(&j, m, &leaf);
    return ic_meeting_json_close(&j);
}
