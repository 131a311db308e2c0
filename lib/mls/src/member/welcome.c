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
    /* RFC9420-8.4-1 RFC9420-12.4.1-2 */
    for (size_t i = 0; i < o->psk_count; i++)
        ids[i] = *o->psks[i];
    out->psks = ids;
    out->psk_count = o->psk_count;
    return IC_OK;
}

/* The GroupSecrets of those below one node of the path: they differ in the path secret alone. */
struct plains {
    struct ic_buf each[IC_MLSPUB_DEPTH_MAX + 1]; /* secret; the last for those below none */
};

static void plains_clear(struct plains *p)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(p->each); i++)
        ic_buf_clear_secret(&p->each[i]);
}

static size_t secrets_bound(const struct ic_mls_group_secrets *s)
{
    size_t n = 256;
    for (size_t i = 0; i < s->psk_count; i++)
        n += 64 + s->psks[i].external_id.len + s->psks[i].group_id.len + s->psks[i].nonce.len;
    return n;
}

static ic_err plain_of(const struct ic_mls_welcome_spec *spec, struct ic_mls_group_secrets *secrets,
                       uint32_t leaf, struct plains *plains, struct ic_view *out)
{
    const struct ic_secret *path = spec->path ? ic_mls_new_path_secret(spec->path, leaf) : NULL;
    struct ic_buf *b = &plains->each[path ? path - spec->path->secrets : IC_MLSPUB_DEPTH_MAX];
    if (b->len == 0) {
        secrets->has_path_secret = path != NULL;
        if (path)
            secrets->path_secret = ic_secret_view(path);
        ic_buf_init(b, SIZE_MAX);
        IC_TRY(ic_buf_reserve(b, secrets_bound(secrets))); /* a secret that grows leaves a copy */
        struct ic_writer w = ic_writer(b);
        ic_mls_group_secrets_write(&w, secrets);
        IC_TRY(ic_writer_end(&w));
    }
    *out = ic_buf_view(b);
    return IC_OK;
}

/* Who is welcomed, and what each gets. */
static ic_err find_joiners(const struct ic_mls_welcome_spec *spec, struct ic_arena *arena,
                           struct plains *plains, struct ic_mls_receiver *to,
                           struct ic_mls_staged *s)
{
    struct ic_mls_group_secrets secrets = {.joiner = ic_secret_view(spec->joiner)};
    IC_TRY(copy_psks(spec->outcome, arena, &secrets));
    for (size_t i = 0; i < spec->proposals->count; i++) {
        const struct ic_mlspub_change_item *item = &spec->proposals->items[i];
        /* RFC9420-12.4.1-3 */
        if (item->proposal->type != IC_MLS_ADD)
            continue;
        const struct ic_mlspub_key_package *k = &item->proposal->add;
        struct ic_mls_receiver *r = &to[s->joiner_count];
        uint8_t *ref = s->joiners + s->joiner_count++ * spec->suite->hash_len;
        ic_mlspub_key_package_ref(spec->suite, k->encoded, ref);
        r->public_key = k->init_key;
        IC_TRY(plain_of(spec, &secrets, item->leaf, plains, &r->plain));
    }
    return IC_OK;
}

static ic_err write_joiners(const struct ic_mls_welcome_spec *spec, const struct ic_hpke_info *info,
                            struct ic_mls_staged *s, struct ic_writer *w)
{
    IC_ARENA_SCOPE(arena, SIZE_MAX);
    IC_CLEANUP(plains_clear) struct plains plains = {0};
    const struct ic_mls_sealing how = {spec->suite, info, spec->rand, spec->exec, &arena};
    size_t n = spec->outcome->added_count;
    struct ic_mls_receiver *to = ic_arena_alloc(&arena, n, sizeof *to);
    if (!to)
        return IC_ERR_NOMEM;
    IC_TRY(find_joiners(spec, &arena, &plains, to, s));
    IC_TRY(ic_mls_seal_all(&how, to, n));
    for (size_t i = 0; i < n; i++) {
        ic_write_vec(w, ic_mls_staged_joiner(s, i));
        ic_mls_sealed_write(&to[i], w);
    }
    return w->err;
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
