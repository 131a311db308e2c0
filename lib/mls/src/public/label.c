#include <assert.h>
#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/label.h>
#include <string.h>

/* SignContent of nearly every leaf, key package and proposal fits the stack. */
struct sign_content {
    uint8_t small[1536];
    uint8_t *p;
    size_t len;
};

/* It may be what somebody said. */
static void sign_content_clear(struct sign_content *s)
{
    if (s->p && s->p != s->small)
        ic_free_secret(s->p, s->len);
    else
        ic_wipe(s->small, s->len);
}

static size_t put_varint(uint8_t *p, size_t v)
{
    if (v < 0x40) {
        p[0] = (uint8_t)v;
        return 1;
    }
    if (v < 0x4000) {
        ic_store_u16(p, (uint16_t)(v | 0x4000));
        return 2;
    }
    ic_store_u32(p, (uint32_t)v | 0x80000000u);
    return 4;
}

static uint8_t *put(uint8_t *p, const void *bytes, size_t len)
{
    if (len)
        memcpy(p, bytes, len);
    return p + len;
}

/* RFC 9420 section 5.1.2. s->p must be set to s->small or NULL before. */
static ic_err sign_content_init(struct sign_content *s, const char *label,
                                const struct ic_view *parts, size_t n)
{
    static const char prefix[] = "MLS 1.0 ";
    size_t label_len = strlen(label), prefix_len = sizeof prefix - 1, content_len = 0;
    assert(prefix_len + label_len < 0x40);
    for (size_t i = 0; i < n; i++)
        content_len += parts[i].len;
    if (content_len >= (1u << 30))
        return IC_ERR_LIMIT;
    size_t room = 1 + prefix_len + label_len + 4 + content_len;
    if (room > sizeof s->small) {
        s->p = ic_calloc(1, room);
        if (!s->p)
            return IC_ERR_NOMEM;
    }
    uint8_t *p = s->p;
    p += put_varint(p, prefix_len + label_len);
    p = put(p, prefix, prefix_len);
    p = put(p, label, label_len);
    p += put_varint(p, content_len);
    for (size_t i = 0; i < n; i++)
        p = put(p, parts[i].p, parts[i].len);
    s->len = (size_t)(p - s->p);
    return IC_OK;
}

ic_err ic_mlspub_sign_parts_with_label(const struct ic_sign_key *key, const char *label,
                                       const struct ic_view *parts, size_t n, uint8_t *sig,
                                       size_t *sig_len)
{
    IC_CLEANUP(sign_content_clear) struct sign_content s;
    s.p = s.small;
    s.len = 0;
    IC_TRY(sign_content_init(&s, label, parts, n));
    return ic_sign(key, ic_view(s.p, s.len), sig, sig_len);
}

ic_err ic_mlspub_sign_with_label(const struct ic_sign_key *key, const char *label,
                                 struct ic_view content, uint8_t *sig, size_t *sig_len)
{
    return ic_mlspub_sign_parts_with_label(key, label, &content, 1, sig, sig_len);
}

ic_err ic_mlspub_verify_parts_with_label(enum ic_sig_id id, struct ic_view public_key,
                                         const char *label, const struct ic_view *parts, size_t n,
                                         struct ic_view sig)
{
    IC_CLEANUP(sign_content_clear) struct sign_content s;
    s.p = s.small;
    s.len = 0;
    IC_TRY(sign_content_init(&s, label, parts, n));
    return ic_verify(id, public_key, ic_view(s.p, s.len), sig);
}

ic_err ic_mlspub_verify_with_label(enum ic_sig_id id, struct ic_view public_key, const char *label,
                                   struct ic_view content, struct ic_view sig)
{
    return ic_mlspub_verify_parts_with_label(id, public_key, label, &content, 1, sig);
}

/* RefHash over a value in parts: section 5.2. */
static void ref_hash_parts(enum ic_hash_id id, const char *label, const struct ic_view *parts,
                           size_t n, uint8_t *out)
{
    uint8_t head[4];
    struct ic_hash h;
    size_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += parts[i].len;
    struct ic_view l = ic_view_cstr(label);
    ic_hash_init(&h, id);
    ic_hash_update(&h, ic_view(head, put_varint(head, l.len)));
    ic_hash_update(&h, l);
    ic_hash_update(&h, ic_view(head, put_varint(head, total)));
    for (size_t i = 0; i < n; i++)
        ic_hash_update(&h, parts[i]);
    ic_hash_final(&h, out);
}

void ic_mlspub_ref_hash(enum ic_hash_id id, const char *label, struct ic_view value, uint8_t *out)
{
    ref_hash_parts(id, label, &value, 1, out);
}

void ic_mlspub_key_package_ref(const struct ic_suite *s, struct ic_view encoded, uint8_t *out)
{
    ref_hash_parts(s->hash, "MLS 1.0 KeyPackage Reference", &encoded, 1, out);
}

void ic_mlspub_proposal_ref(const struct ic_suite *s,
                            const struct ic_mlspub_authenticated_content *a, uint8_t *out)
{
    uint8_t format[2], len[4];
    ic_store_u16(format, a->wire_format);
    struct ic_view parts[] = {
        IC_VIEW_ARRAY(format),
        a->content.encoded,
        ic_view(len, put_varint(len, a->signature.len)),
        a->signature,
    };
    ref_hash_parts(s->hash, "MLS 1.0 Proposal Reference", parts, IC_ARRAY_LEN(parts), out);
}

/* Section 7.2: group_id and leaf_index are signed too, but for a key package's leaf. Returns how
 * many. */
static size_t leaf_parts(struct ic_view tbs, uint8_t source, struct ic_view group_id, uint32_t leaf,
                         uint8_t scratch[8], struct ic_view parts[4])
{
    parts[0] = tbs;
    if (source == IC_MLS_LEAF_KEY_PACKAGE)
        return 1;
    size_t n = put_varint(scratch, group_id.len);
    ic_store_u32(scratch + 4, leaf);
    parts[1] = ic_view(scratch, n);
    parts[2] = group_id;
    parts[3] = ic_view(scratch + 4, 4);
    return 4;
}

ic_err ic_mlspub_leaf_node_verify(const struct ic_suite *s, const struct ic_mlspub_leaf_node *l,
                                  struct ic_view group_id, uint32_t leaf)
{
    uint8_t scratch[8];
    struct ic_view parts[4];
    size_t n = leaf_parts(l->tbs, l->source, group_id, leaf, scratch, parts);
    return ic_mlspub_verify_parts_with_label(s->sig, l->signature_key, "LeafNodeTBS", parts, n,
                                             l->signature);
}

ic_err ic_mlspub_key_package_verify(const struct ic_suite *s, const struct ic_mlspub_key_package *k)
{
    return ic_mlspub_verify_with_label(s->sig, k->leaf.signature_key, "KeyPackageTBS", k->tbs,
                                       k->signature);
}

ic_err ic_mlspub_group_info_verify(const struct ic_suite *s, const struct ic_mlspub_group_info *g,
                                   struct ic_view signer_key)
{
    return ic_mlspub_verify_with_label(s->sig, signer_key, "GroupInfoTBS", g->tbs, g->signature);
}

/* Signs what stands in out from `start` on, and appends the signature as a vector. */
static ic_err finish_signed(const struct ic_sign_key *key, const char *label,
                            const struct ic_view *parts, size_t n, struct ic_buf *out, size_t start)
{
    uint8_t sig[IC_SIG_MAX];
    size_t len = 0;
    ic_err e = ic_mlspub_sign_parts_with_label(key, label, parts, n, sig, &len);
    if (e == IC_OK) {
        struct ic_writer w = ic_writer(out);
        ic_write_vec(&w, ic_view(sig, len));
        e = ic_writer_end(&w);
    }
    if (e != IC_OK)
        out->len = start;
    return e;
}

ic_err ic_mlspub_leaf_node_sign(const struct ic_sign_key *key, const struct ic_mlspub_leaf_node *x,
                                struct ic_view group_id, uint32_t leaf, struct ic_buf *out)
{
    size_t start = out->len;
    struct ic_writer w = ic_writer(out);
    ic_mlspub_leaf_node_write_tbs(&w, x);
    IC_TRY(ic_writer_end(&w));
    uint8_t scratch[8];
    struct ic_view parts[4];
    struct ic_view tbs = ic_view_sub(ic_buf_view(out), start, out->len - start);
    size_t n = leaf_parts(tbs, x->source, group_id, leaf, scratch, parts);
    return finish_signed(key, "LeafNodeTBS", parts, n, out, start);
}

ic_err ic_mlspub_key_package_sign(const struct ic_sign_key *key,
                                  const struct ic_mlspub_key_package *x, struct ic_buf *out)
{
    size_t start = out->len;
    struct ic_writer w = ic_writer(out);
    ic_mlspub_key_package_write_tbs(&w, x);
    IC_TRY(ic_writer_end(&w));
    struct ic_view tbs = ic_view_sub(ic_buf_view(out), start, out->len - start);
    return finish_signed(key, "KeyPackageTBS", &tbs, 1, out, start);
}

ic_err ic_mlspub_group_info_sign(const struct ic_sign_key *key,
                                 const struct ic_mlspub_group_info *x, struct ic_buf *out)
{
    size_t start = out->len;
    struct ic_writer w = ic_writer(out);
    ic_mlspub_group_info_write_tbs(&w, x);
    IC_TRY(ic_writer_end(&w));
    struct ic_view tbs = ic_view_sub(ic_buf_view(out), start, out->len - start);
    return finish_signed(key, "GroupInfoTBS", &tbs, 1, out, start);
}
