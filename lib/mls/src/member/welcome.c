/* Making a Welcome, RFC 9420 section 12.4.3.1: one GroupInfo for all, one HPKE info for all. */
#include "sealing.h"
#include "state.h"

#include <ic/base/mem.h>
#include <ic/crypto/aead.h>
#include <ic/mlspub/label.h>
#include <string.h>

static ic_err seal_group_info(const struct ic_mls_welcome_spec *spec, struct ic_buf *out)
{
    uint8_t nonce[IC_AEAD_NONCE_LEN];
    uint8_t *tag;
    IC_SECRET_SCOPE(key);
    IC_TRY(ic_mls_group_info_build(spec->info, out));
    IC_TRY(ic_mls_welcome_key(spec->suite, spec->member, &key, nonce));
    IC_TRY(ic_buf_extend(out, IC_AEAD_TAG_LEN, &tag));
    return ic_aead_seal_once(spec->suite->aead, ic_secret_view(&key), IC_VIEW_ARRAY(nonce),
                             ic_view(NULL, 0), ic_view(out->p, out->len - IC_AEAD_TAG_LEN), out->p);
}

/* The PSKs of the commit, as a row. */
static ic_err copy_psks(const struct ic_mlspub_outcome *o, struct ic_arena *a,
                        struct ic_mls_group_secrets *out)
{
    struct ic_mlspub_psk_id *ids = ic_arena_alloc(a, o->psk_count + 1, sizeof *ids);
    if (!ids)
        return IC_ERR_NOMEM;
    for (size_t i = 0; i < o->psk_count; i++)
        ids[i] = *o->psks[i];
    out->psks = ids;
    out->psk_count = o->psk_count;
    return IC_OK;
}

/* One joiner's EncryptedGroupSecrets. */
static ic_err write_joiner(const struct ic_mls_welcome_spec *spec,
                           struct ic_mls_group_secrets *secrets,
                           const struct ic_mlspub_key_package *k, uint32_t leaf, const uint8_t *ref,
                           const struct ic_hpke_info *info, struct ic_writer *w)
{
    struct ic_buf plain;
    ic_buf_init(&plain, 1u << 20);
    ic_err e = ic_buf_reserve(&plain, 4096); /* grows only where there are many PSK ids */
    const struct ic_secret *path = spec->path ? ic_mls_new_path_secret(spec->path, leaf) : NULL;
    secrets->has_path_secret = path != NULL;
    if (path)
        secrets->path_secret = ic_secret_view(path);
    if (e == IC_OK) {
        struct ic_writer inner = ic_writer(&plain);
        ic_mls_group_secrets_write(&inner, secrets);
        e = ic_writer_end(&inner);
    }
    ic_write_vec(w, ic_view(ref, spec->suite->hash_len));
    if (e == IC_OK)
        e = ic_mls_seal_write(spec->suite, info, k->init_key, ic_buf_view(&plain), spec->rand, w);
    ic_buf_clear_secret(&plain);
    return e;
}

static ic_err write_joiners(const struct ic_mls_welcome_spec *spec, const struct ic_hpke_info *info,
                            struct ic_mls_staged *s, struct ic_writer *w)
{
    IC_ARENA_SCOPE(arena, 1u << 20);
    struct ic_mls_group_secrets secrets = {.joiner = ic_secret_view(spec->joiner)};
    IC_TRY(copy_psks(spec->outcome, &arena, &secrets));
    size_t n = 0;
    for (size_t i = 0; i < spec->proposals->count; i++) {
        const struct ic_mlspub_change_item *item = &spec->proposals->items[i];
        if (item->proposal->type != IC_MLS_ADD)
            continue;
        uint8_t *ref = s->joiners + n * spec->suite->hash_len;
        ic_mlspub_key_package_ref(spec->suite, item->proposal->add.encoded, ref);
        IC_TRY(write_joiner(spec, &secrets, &item->proposal->add, item->leaf, ref, info, w));
        n++;
    }
    s->joiner_count = n;
    return IC_OK;
}

ic_err ic_mls_welcome_build(const struct ic_mls_welcome_spec *spec, struct ic_mls_staged *s)
{
    struct ic_hpke_info info;
    IC_BUF_SCOPE(sealed, SIZE_MAX);
    s->ref_len = spec->suite->hash_len;
    s->joiners = ic_calloc(spec->outcome->added_count, spec->suite->hash_len);
    if (!s->joiners)
        return IC_ERR_NOMEM;
    IC_TRY(seal_group_info(spec, &sealed));
    IC_TRY(ic_mls_sealing_info(spec->suite, "Welcome", ic_buf_view(&sealed), &info));
    struct ic_writer w = ic_writer(&s->welcome);
    ic_write_u16(&w, IC_MLS_VERSION_1);
    ic_write_u16(&w, IC_MLS_WELCOME);
    ic_write_u16(&w, spec->suite->id);
    size_t mark = ic_write_open(&w);
    IC_TRY(write_joiners(spec, &info, s, &w));
    ic_write_close(&w, mark);
    ic_write_vec(&w, ic_buf_view(&sealed));
    return ic_writer_end(&w);
}
