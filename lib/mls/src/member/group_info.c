/* GroupInfo, RFC 9420 section 12.4.3, and GroupSecrets. */
#include "grease.h"
#include "state.h"

#include <ic/mlspub/codec.h>
#include <ic/mlspub/label.h>

static ic_err write_external_pub(const struct ic_mls_group_info_spec *spec, struct ic_writer *w)
{
    struct ic_kem_pair pair = {0};
    IC_BUF_SCOPE(data, 1024);
    IC_TRY(ic_mls_external_pair(spec->suite, &spec->moment->secrets, &pair));
    ic_secret_clear(&pair.private_key);
    struct ic_writer inner = ic_writer(&data);
    ic_write_vec(&inner, ic_view(pair.public_key, pair.public_len));
    IC_TRY(ic_writer_end(&inner));
    ic_mlspub_extension_write(w, IC_MLS_EXT_EXTERNAL_PUB, ic_buf_view(&data));
    return w->err;
}

/* What is the library's own to write. */
static bool reserved(struct ic_view list)
{
    return ic_mlspub_extensions_find(list, IC_MLS_EXT_RATCHET_TREE, NULL) ||
           ic_mlspub_extensions_find(list, IC_MLS_EXT_EXTERNAL_PUB, NULL);
}

static ic_err write_grease(const struct ic_rand *rand, struct ic_buf *list)
{
    uint16_t type;
    if (!rand)
        return IC_OK;
    IC_TRY(ic_mls_grease_type(rand, &type));
    return ic_mls_grease_extension(rand, type, list);
}

ic_err ic_mls_group_info_build(const struct ic_mls_group_info_spec *spec, struct ic_buf *out)
{
    IC_BUF_SCOPE(extensions, SIZE_MAX);
    IC_TRY(ic_mlspub_extensions_check(spec->extensions));
    if (reserved(spec->extensions))
        return IC_ERR_ARG;
    IC_TRY(ic_buf_append(&extensions, spec->extensions));
    IC_TRY(write_grease(spec->grease, &extensions));
    struct ic_writer w = ic_writer(&extensions);
    if (spec->tree.len > 0)
        ic_mlspub_extension_write(&w, IC_MLS_EXT_RATCHET_TREE, spec->tree);
    if (spec->external_pub)
        IC_TRY(write_external_pub(spec, &w));
    IC_TRY(ic_writer_end(&w));
    const struct ic_mlspub_group_info info = {.context = spec->moment->context,
                                              .extensions = ic_buf_view(&extensions),
                                              .confirmation_tag =
                                                  ic_view(spec->moment->tag, spec->suite->hash_len),
                                              .signer = spec->signer};
    return ic_mlspub_group_info_sign(spec->moment->signer, &info, out);
}

ic_err ic_mls_group_info_with(const struct ic_mls_group *g,
                              const struct ic_mls_group_info_params *p, struct ic_buf *out)
{
    IC_BUF_SCOPE(tree, SIZE_MAX);
    if (!ic_mls_usable(g))
        return IC_ERR_STATE;
    if (p->with_tree)
        IC_TRY(ic_mlspub_tree_encode(g->tree, &tree));
    const struct ic_mls_group_info_spec spec = {.suite = g->suite,
                                                .moment = &g->now,
                                                .signer = g->own_leaf,
                                                .external_pub = !p->without_external_pub,
                                                .tree = ic_buf_view(&tree),
                                                .extensions = p->extensions,
                                                .grease = ic_mls_grease_of(&g->config)};
    struct ic_writer w = ic_writer(out);
    size_t start = out->len;
    ic_write_u16(&w, IC_MLS_VERSION_1);
    ic_write_u16(&w, IC_MLS_GROUP_INFO);
    IC_TRY(ic_writer_end(&w));
    ic_err e = ic_mls_group_info_build(&spec, out);
    if (e != IC_OK)
        out->len = start;
    return e;
}

ic_err ic_mls_group_info(const struct ic_mls_group *g, bool with_tree, struct ic_buf *out)
{
    const struct ic_mls_group_info_params p = {.with_tree = with_tree};
    return ic_mls_group_info_with(g, &p, out);
}

static ic_err read_psks(struct ic_view list, struct ic_arena *a, struct ic_mls_group_secrets *out)
{
    size_t count = 0;
    struct ic_mlspub_psk_id id;
    struct ic_reader r = ic_reader(list);
    while (ic_reader_more(&r)) {
        ic_mlspub_psk_id_read(&r, a, &id);
        count++;
    }
    IC_TRY(ic_reader_end(&r));
    struct ic_mlspub_psk_id *ids = ic_arena_alloc(a, count, sizeof *ids);
    if (!ids)
        return IC_ERR_NOMEM;
    r = ic_reader(list);
    for (size_t i = 0; i < count; i++)
        ic_mlspub_psk_id_read(&r, a, &ids[i]);
    out->psks = ids;
    out->psk_count = count;
    return ic_reader_end(&r);
}

ic_err ic_mls_group_secrets_decode(struct ic_view bytes, struct ic_arena *a,
                                   struct ic_mls_group_secrets *out)
{
    struct ic_mls_group_secrets s = {0};
    struct ic_reader r = ic_reader(bytes);
    s.joiner = ic_read_vec(&r, IC_SECRET_MAX);
    uint8_t present = ic_read_u8(&r);
    /* RFC9420-2.1.1-1 */
    if (present > 1)
        ic_reader_fail(&r, IC_ERR_MALFORMED);
    s.has_path_secret = present == 1;
    if (s.has_path_secret)
        s.path_secret = ic_read_vec(&r, IC_SECRET_MAX);
    struct ic_view psks = ic_read_vec(&r, 1u << 20);
    IC_TRY(ic_reader_end(&r));
    IC_TRY(read_psks(psks, a, &s));
    *out = s;
    return IC_OK;
}

void ic_mls_group_secrets_write(struct ic_writer *w, const struct ic_mls_group_secrets *x)
{
    ic_write_vec(w, x->joiner);
    ic_write_u8(w, x->has_path_secret);
    if (x->has_path_secret)
        ic_write_vec(w, x->path_secret);
    size_t mark = ic_write_open(w);
    for (size_t i = 0; i < x->psk_count; i++)
        ic_mlspub_psk_id_write(w, &x->psks[i]);
    ic_write_close(w, mark);
}
