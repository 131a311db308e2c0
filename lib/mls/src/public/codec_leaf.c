/* Credentials, leaf nodes, key packages, group contexts (RFC 9420 sections 5.3, 7.2, 8.1,
 * 10, 12.4.3). */
#include "codec_internal.h"

/* Section 5.3: a list of DER certificates, each a vector. */
static void check_certificates(struct ic_reader *r, struct ic_view list)
{
    struct ic_reader certs = ic_reader(list);
    while (ic_reader_more(&certs))
        (void)read_vec(&certs);
    if (r->err == IC_OK)
        ic_reader_fail(r, ic_reader_end(&certs));
}

void ic_mlspub_credential_read(struct ic_reader *r, struct ic_arena *a,
                               struct ic_mlspub_credential *out)
{
    (void)a;
    out->type = ic_read_u16(r);
    out->identity = read_vec(r);
    if (out->type == IC_MLS_X509)
        check_certificates(r, out->identity);
}

void ic_mlspub_credential_write(struct ic_writer *w, const struct ic_mlspub_credential *x)
{
    ic_write_u16(w, x->type);
    ic_write_vec(w, x->identity);
}

void ic_mlspub_capabilities_read(struct ic_reader *r, struct ic_arena *a,
                                 struct ic_mlspub_capabilities *out)
{
    (void)a;
    out->versions = ic_mlspub_read_u16_list(r);
    out->suites = ic_mlspub_read_u16_list(r);
    out->extensions = ic_mlspub_read_u16_list(r);
    out->proposals = ic_mlspub_read_u16_list(r);
    out->credentials = ic_mlspub_read_u16_list(r);
}

void ic_mlspub_capabilities_write(struct ic_writer *w, const struct ic_mlspub_capabilities *x)
{
    ic_write_vec(w, x->versions);
    ic_write_vec(w, x->suites);
    ic_write_vec(w, x->extensions);
    ic_write_vec(w, x->proposals);
    ic_write_vec(w, x->credentials);
}

void ic_mlspub_leaf_node_read(struct ic_reader *r, struct ic_arena *a,
                              struct ic_mlspub_leaf_node *out)
{
    const uint8_t *start = r->p;
    out->encryption_key = read_vec(r);
    out->signature_key = read_vec(r);
    ic_mlspub_credential_read(r, a, &out->credential);
    ic_mlspub_capabilities_read(r, a, &out->capabilities);
    out->source = ic_mlspub_read_enum(r, IC_MLS_LEAF_COMMIT);
    out->lifetime = (struct ic_mlspub_lifetime){0};
    out->parent_hash = ic_view(NULL, 0);
    if (out->source == IC_MLS_LEAF_KEY_PACKAGE) {
        out->lifetime.not_before = ic_read_u64(r);
        out->lifetime.not_after = ic_read_u64(r);
    } else if (out->source == IC_MLS_LEAF_COMMIT) {
        out->parent_hash = read_vec(r);
    }
    out->extensions = ic_mlspub_read_extensions(r);
    out->tbs = read_since(r, start);
    out->signature = read_vec(r);
    out->encoded = read_since(r, start);
}

void ic_mlspub_leaf_node_write_tbs(struct ic_writer *w, const struct ic_mlspub_leaf_node *x)
{
    ic_write_vec(w, x->encryption_key);
    ic_write_vec(w, x->signature_key);
    ic_mlspub_credential_write(w, &x->credential);
    ic_mlspub_capabilities_write(w, &x->capabilities);
    ic_write_u8(w, x->source);
    if (x->source == IC_MLS_LEAF_KEY_PACKAGE) {
        ic_write_u64(w, x->lifetime.not_before);
        ic_write_u64(w, x->lifetime.not_after);
    } else if (x->source == IC_MLS_LEAF_COMMIT) {
        ic_write_vec(w, x->parent_hash);
    }
    ic_write_vec(w, x->extensions);
}

void ic_mlspub_leaf_node_write(struct ic_writer *w, const struct ic_mlspub_leaf_node *x)
{
    if (x->encoded.len > 0) {
        ic_write_bytes(w, x->encoded);
        return;
    }
    ic_mlspub_leaf_node_write_tbs(w, x);
    ic_write_vec(w, x->signature);
}

void ic_mlspub_key_package_read(struct ic_reader *r, struct ic_arena *a,
                                struct ic_mlspub_key_package *out)
{
    const uint8_t *start = r->p;
    out->version = ic_read_u16(r);
    out->suite = ic_read_u16(r);
    out->init_key = read_vec(r);
    ic_mlspub_leaf_node_read(r, a, &out->leaf);
    /* RFC9420-10-8 RFC9420-13.4-1 RFC9420-13.4-3 */
    out->extensions = ic_mlspub_read_extensions(r);
    out->tbs = read_since(r, start);
    out->signature = read_vec(r);
    out->encoded = read_since(r, start);
}

void ic_mlspub_key_package_write_tbs(struct ic_writer *w, const struct ic_mlspub_key_package *x)
{
    ic_write_u16(w, x->version);
    ic_write_u16(w, x->suite);
    ic_write_vec(w, x->init_key);
    ic_mlspub_leaf_node_write(w, &x->leaf);
    ic_write_vec(w, x->extensions);
}

void ic_mlspub_key_package_write(struct ic_writer *w, const struct ic_mlspub_key_package *x)
{
    if (x->encoded.len > 0) {
        ic_write_bytes(w, x->encoded);
        return;
    }
    ic_mlspub_key_package_write_tbs(w, x);
    ic_write_vec(w, x->signature);
}

void ic_mlspub_group_context_read(struct ic_reader *r, struct ic_arena *a,
                                  struct ic_mlspub_group_context *out)
{
    (void)a;
    out->version = ic_read_u16(r);
    if (out->version != IC_MLS_VERSION_1)
        ic_reader_fail(r, IC_ERR_UNSUPPORTED);
    out->suite = ic_read_u16(r);
    out->group_id = read_vec(r);
    out->epoch = ic_read_u64(r);
    out->tree_hash = read_vec(r);
    out->confirmed_transcript_hash = read_vec(r);
    out->extensions = ic_mlspub_read_extensions(r);
}

void ic_mlspub_group_context_write(struct ic_writer *w, const struct ic_mlspub_group_context *x)
{
    ic_write_u16(w, x->version);
    ic_write_u16(w, x->suite);
    ic_write_vec(w, x->group_id);
    ic_write_u64(w, x->epoch);
    ic_write_vec(w, x->tree_hash);
    ic_write_vec(w, x->confirmed_transcript_hash);
    ic_write_vec(w, x->extensions);
}

void ic_mlspub_group_info_read(struct ic_reader *r, struct ic_arena *a,
                               struct ic_mlspub_group_info *out)
{
    const uint8_t *start = r->p;
    ic_mlspub_group_context_read(r, a, &out->context);
    /* RFC9420-12.4.3-1 RFC9420-13.4-1 RFC9420-13.4-4 */
    out->extensions = ic_mlspub_read_extensions(r);
    out->confirmation_tag = read_vec(r);
    out->signer = ic_read_u32(r);
    out->tbs = read_since(r, start);
    out->signature = read_vec(r);
    out->encoded = read_since(r, start);
}

void ic_mlspub_group_info_write_tbs(struct ic_writer *w, const struct ic_mlspub_group_info *x)
{
    ic_mlspub_group_context_write(w, &x->context);
    ic_write_vec(w, x->extensions);
    ic_write_vec(w, x->confirmation_tag);
    ic_write_u32(w, x->signer);
}

void ic_mlspub_group_info_write(struct ic_writer *w, const struct ic_mlspub_group_info *x)
{
    if (x->encoded.len > 0) {
        ic_write_bytes(w, x->encoded);
        return;
    }
    ic_mlspub_group_info_write_tbs(w, x);
    ic_write_vec(w, x->signature);
}

CODEC_DECODE(credential)
CODEC_DECODE(capabilities)
CODEC_DECODE(leaf_node)
CODEC_DECODE(key_package)
CODEC_DECODE(group_context)
CODEC_DECODE(group_info)
