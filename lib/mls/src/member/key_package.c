#include "grease.h"
#include "state.h"

#include <ic/base/mem.h>
#include <ic/crypto/kem.h>
#include <ic/mls/store.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/extensions.h>
#include <ic/mlspub/label.h>
#include <string.h>

enum { KEY_PACKAGE_MAX = 1 << 20 };

void ic_mls_key_package_free(struct ic_mls_key_package *k)
{
    if (!k)
        return;
    ic_buf_clear(&k->message);
    ic_free_secret(k, sizeof *k);
}

/* Reads k->message, and fills what is derived from it. */
static ic_err view_package(struct ic_mls_key_package *k)
{
    struct ic_mlspub_message m;
    IC_TRY(ic_mlspub_message_decode(ic_buf_view(&k->message), NULL, &m));
    if (m.wire_format != IC_MLS_KEY_PACKAGE)
        return IC_ERR_MALFORMED;
    k->suite = ic_suite_find(m.key_package.suite);
    if (!k->suite)
        return IC_ERR_UNSUPPORTED;
    k->package = m.key_package;
    k->encoded = m.key_package.encoded;
    ic_mlspub_key_package_ref(k->suite, k->encoded, k->ref);
    return IC_OK;
}

static ic_err write_package(const struct ic_mls_identity *id, struct ic_view init_key,
                            struct ic_view leaf, struct ic_view extensions, struct ic_buf *out)
{
    struct ic_mlspub_key_package k = {.version = IC_MLS_VERSION_1,
                                      .suite = id->suite->id,
                                      .init_key = init_key,
                                      .extensions = extensions};
    IC_TRY(ic_mlspub_leaf_node_decode(leaf, NULL, &k.leaf));
    struct ic_writer w = ic_writer(out);
    ic_write_u16(&w, IC_MLS_VERSION_1);
    ic_write_u16(&w, IC_MLS_KEY_PACKAGE);
    IC_TRY(ic_writer_end(&w));
    return ic_mlspub_key_package_sign(id->signer, &k, out);
}

/* RFC 9420 section 10: what a key package's extensions are MUST be in its capabilities. Nobody is refused
 * for it: section 13.4 has those who read ignore what they do not know. RFC9420-10-7 */
static ic_err check_listed(struct ic_view leaf, struct ic_view extensions,
                           struct ic_mlspub_fault *fault)
{
    uint16_t type;
    struct ic_view data;
    struct ic_mlspub_leaf_node l;
    IC_TRY(ic_mlspub_leaf_node_decode(leaf, NULL, &l));
    struct ic_reader r = ic_reader(extensions);
    while (ic_mlspub_extensions_next(&r, &type, &data))
        if (type > IC_MLS_EXT_EXTERNAL_SENDERS &&
            !ic_mlspub_list_has(l.capabilities.extensions, type))
            return ic_mlspub_fault_set(
                fault, IC_ERR_ARG,
                "RFC 9420 section 10: a key package's extension is not in its capabilities",
                IC_MLSPUB_NO_LEAF);
    return ic_reader_end(&r);
}

/* The application's extensions, and one of a GREASE type that the leaf lists. */
static ic_err write_extensions(const struct ic_mls_config *c, struct ic_view leaf,
                               struct ic_view given, struct ic_buf *out)
{
    struct ic_mlspub_leaf_node l;
    IC_TRY(ic_buf_append(out, given));
    if (!c->grease)
        return IC_OK;
    IC_TRY(ic_mlspub_leaf_node_decode(leaf, NULL, &l));
    const struct ic_view *types = &l.capabilities.extensions;
    size_t at = types->len;
    do
        at -= 2;
    while (!ic_mlspub_is_grease(ic_load_u16(types->p + at)));
    return ic_mls_grease_extension(&c->rand, ic_load_u16(types->p + at), out);
}

static ic_err build(struct ic_mls_key_package *k, const struct ic_mls_config *c,
                    const struct ic_mls_identity *id, const struct ic_kem_pair *init,
                    const struct ic_kem_pair *leaf, struct ic_view extensions)
{
    const struct ic_mls_leaf_spec spec = {.config = c,
                                          .identity = id,
                                          .signer = id->signer,
                                          .encryption_key =
                                              ic_view(leaf->public_key, leaf->public_len),
                                          .source = IC_MLS_LEAF_KEY_PACKAGE};
    IC_BUF_SCOPE(bytes, KEY_PACKAGE_MAX);
    IC_BUF_SCOPE(list, KEY_PACKAGE_MAX);
    IC_TRY(ic_mls_leaf_build(&spec, &bytes));
    IC_TRY(write_extensions(c, ic_buf_view(&bytes), extensions, &list));
    IC_TRY(check_listed(ic_buf_view(&bytes), ic_buf_view(&list), c->fault));
    IC_TRY(write_package(id, ic_view(init->public_key, init->public_len), ic_buf_view(&bytes),
                         ic_buf_view(&list), &k->message));
    k->init_key = init->private_key;
    k->leaf_key = leaf->private_key;
    return view_package(k);
}

ic_err ic_mls_key_package_new(const struct ic_mls_config *c, const struct ic_mls_identity *id,
                              struct ic_view extensions, struct ic_mls_key_package **out)
{
    struct ic_kem_pair init = {0}, leaf = {0};
    IC_TRY(ic_mlspub_extensions_check(extensions));
    struct ic_mls_key_package *k = ic_new(struct ic_mls_key_package);
    if (!k)
        return IC_ERR_NOMEM;
    ic_buf_init(&k->message, KEY_PACKAGE_MAX);
    /* RFC 9420 section 10: the init key and the leaf's key MUST differ. */
    /* RFC9420-10-2 */
    ic_err e = ic_kem_generate_pair(id->suite->kem, &c->rand, &init);
    if (e == IC_OK)
        e = ic_kem_generate_pair(id->suite->kem, &c->rand, &leaf);
    if (e == IC_OK)
        e = build(k, c, id, &init, &leaf, extensions);
    ic_kem_pair_clear(&init);
    ic_kem_pair_clear(&leaf);
    if (e != IC_OK) {
        ic_mls_key_package_free(k);
        return e;
    }
    *out = k;
    return IC_OK;
}

static ic_err import_key(const struct ic_suite *s, struct ic_view private_key,
                         struct ic_view public_key, struct ic_secret *out)
{
    struct ic_kem_pair pair = {0};
    IC_TRY(ic_kem_import_private(s->kem, private_key, &pair));
    bool fits = ic_view_equal(ic_view(pair.public_key, pair.public_len), public_key);
    if (fits)
        *out = pair.private_key;
    ic_kem_pair_clear(&pair);
    return fits ? IC_OK : IC_ERR_KEY;
}

ic_err ic_mls_key_package_import(struct ic_view message, struct ic_view init_private_key,
                                 struct ic_view leaf_private_key, struct ic_mls_key_package **out)
{
    struct ic_mls_key_package *k = ic_new(struct ic_mls_key_package);
    if (!k)
        return IC_ERR_NOMEM;
    ic_buf_init(&k->message, KEY_PACKAGE_MAX);
    ic_err e = ic_buf_append(&k->message, message);
    if (e == IC_OK)
        e = view_package(k);
    if (e == IC_OK)
        e = import_key(k->suite, init_private_key, k->package.init_key, &k->init_key);
    if (e == IC_OK)
        e = import_key(k->suite, leaf_private_key, k->package.leaf.encryption_key, &k->leaf_key);
    if (e != IC_OK) {
        ic_mls_key_package_free(k);
        return e;
    }
    *out = k;
    return IC_OK;
}

struct ic_view ic_mls_key_package_message(const struct ic_mls_key_package *k)
{
    return ic_buf_view(&k->message);
}

ic_err ic_mls_key_package_export(const struct ic_mls_key_package *k,
                                 struct ic_secret *init_private_key,
                                 struct ic_secret *leaf_private_key)
{
    IC_TRY(ic_secret_set(init_private_key, ic_secret_view(&k->init_key)));
    return ic_secret_set(leaf_private_key, ic_secret_view(&k->leaf_key));
}

bool ic_mls_key_package_last_resort(const struct ic_mls_key_package *k)
{
    return ic_mlspub_extensions_last_resort(k->package.extensions);
}

struct ic_view ic_mls_key_package_ref(const struct ic_mls_key_package *k)
{
    return ic_view(k->ref, k->suite->hash_len);
}

ic_err ic_mls_key_package_check(struct ic_view message, const struct ic_mls_config *c)
{
    struct ic_mlspub_message m;
    IC_TRY(ic_mlspub_message_decode(message, NULL, &m));
    if (m.wire_format != IC_MLS_KEY_PACKAGE)
        return IC_ERR_MALFORMED;
    const struct ic_suite *s = ic_suite_find(m.key_package.suite);
    if (!s)
        return IC_ERR_UNSUPPORTED;
    struct ic_mls_config filled = *c;
    ic_mls_limits_fill(&filled.limits);
    struct ic_mlspub_rules rules = ic_mls_rules_of(&filled, s, NULL, ic_clock_now_s(&c->clock));
    rules.clock_skew_s /= 2; /* as who commits: what is good here can be added */
    return ic_mlspub_key_package_check(&rules, &m.key_package, c->fault);
}

/* ---- kept until a Welcome comes ---- */

static const uint8_t saved_magic[4] = {'I', 'C', 'K', 'P'};

enum { CHECK_LEN = 8, SAVED_ROOM = 64 + 2 * IC_SECRET_MAX };

static void saved_check(struct ic_view content, uint8_t out[CHECK_LEN])
{
    uint8_t digest[IC_HASH_MAX];
    ic_hash_once(IC_SHA256, content, digest);
    memcpy(out, digest, CHECK_LEN);
}

ic_err ic_mls_key_package_encode(const struct ic_mls_key_package *k, struct ic_buf *out)
{
    uint8_t check[CHECK_LEN];
    size_t start = out->len;
    /* At once: what grows would leave the keys behind. */
    IC_TRY(ic_buf_reserve(out, SAVED_ROOM + k->message.len));
    struct ic_writer w = ic_writer(out);
    ic_write_bytes(&w, IC_VIEW_ARRAY(saved_magic));
    ic_write_u16(&w, IC_MLS_STATE_MAJOR);
    ic_write_u16(&w, IC_MLS_STATE_MINOR);
    ic_write_vec(&w, ic_buf_view(&k->message));
    ic_write_vec(&w, ic_secret_view(&k->init_key));
    ic_write_vec(&w, ic_secret_view(&k->leaf_key));
    IC_TRY(ic_writer_end(&w));
    saved_check(ic_view(out->p + start, out->len - start), check);
    return ic_buf_append(out, IC_VIEW_ARRAY(check));
}

ic_err ic_mls_key_package_decode(struct ic_view bytes, struct ic_mls_key_package **out)
{
    uint8_t check[CHECK_LEN];
    if (bytes.len < CHECK_LEN)
        return IC_ERR_MALFORMED;
    struct ic_view content = ic_view_sub(bytes, 0, bytes.len - CHECK_LEN);
    struct ic_reader r = ic_reader(content);
    struct ic_view magic = ic_read_bytes(&r, sizeof saved_magic);
    uint16_t major = ic_read_u16(&r);
    uint16_t minor = ic_read_u16(&r);
    saved_check(content, check);
    if (r.err != IC_OK || !ic_view_equal(magic, IC_VIEW_ARRAY(saved_magic)) ||
        memcmp(check, content.p + content.len, CHECK_LEN) != 0)
        return IC_ERR_MALFORMED;
    if (major != IC_MLS_STATE_MAJOR)
        return IC_ERR_UNSUPPORTED;
    struct ic_view message = ic_read_vec(&r, KEY_PACKAGE_MAX);
    struct ic_view init_key = ic_read_vec(&r, IC_SECRET_MAX);
    struct ic_view leaf_key = ic_read_vec(&r, IC_SECRET_MAX);
    if (r.err != IC_OK || (minor <= IC_MLS_STATE_MINOR && ic_reader_more(&r)))
        return IC_ERR_MALFORMED;
    return ic_mls_key_package_import(message, init_key, leaf_key, out);
}
