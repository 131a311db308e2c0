/* An epoch: its context, its secrets, what opens the next one. */
#include "state.h"

#include <ic/mlspub/codec.h>
#include <ic/mlspub/framing.h>
#include <string.h>

void ic_mls_moment_clear(struct ic_mls_moment *m)
{
    ic_buf_clear(&m->context_bytes);
    ic_mls_secret_tree_free(m->ratchets);
    ic_mls_path_keys_clear(&m->keys);
    ic_wipe(m, sizeof *m);
}

ic_err ic_mls_moment_set_context(struct ic_mls_moment *m, const struct ic_mlspub_group_context *c)
{
    struct ic_buf bytes;
    struct ic_mlspub_group_context view;
    ic_buf_init(&bytes, SIZE_MAX);
    ic_err e = ic_mlspub_group_context_encode(c, &bytes);
    if (e == IC_OK)
        e = ic_mlspub_group_context_decode(ic_buf_view(&bytes), NULL, &view);
    if (e != IC_OK) {
        ic_buf_clear(&bytes);
        return e;
    }
    ic_buf_clear(&m->context_bytes);
    m->context_bytes = bytes;
    m->context = view;
    return IC_OK;
}

ic_err ic_mls_moment_open(struct ic_mls_moment *m, const struct ic_suite *s,
                          const struct ic_secret *member, uint32_t leaf_slots,
                          const struct ic_mls_limits *limits)
{
    IC_SECRET_SCOPE(epoch);
    IC_SECRET_SCOPE(encryption);
    IC_TRY(ic_mls_epoch_secret(s, member, ic_buf_view(&m->context_bytes), &epoch));
    IC_TRY(ic_mls_epoch_derive(s, &epoch, &m->secrets, &encryption));
    IC_TRY(ic_mls_secret_tree_new(s, leaf_slots, &encryption, limits->max_forward,
                                  limits->max_skipped, &m->ratchets));
    struct ic_view confirmed = m->context.confirmed_transcript_hash;
    ic_mls_confirmation_tag(s, &m->secrets, confirmed, m->tag);
    ic_mlspub_interim_hash(s, confirmed, ic_view(m->tag, s->hash_len), m->interim);
    m->interim_len = s->hash_len;
    return IC_OK;
}

ic_err ic_mls_provisional_context(const struct ic_mls_group *g, const struct ic_mlspub_diff *d,
                                  struct ic_view extensions, struct ic_buf *out)
{
    struct ic_mlspub_group_context c = g->now.context;
    c.epoch++;
    c.tree_hash = ic_mlspub_diff_tree_hash(d);
    c.extensions = extensions;
    return ic_mlspub_group_context_encode(&c, out);
}

ic_err ic_mls_staged_open_epoch(struct ic_mls_group *g, struct ic_mls_staged *s,
                                const struct ic_mlspub_authenticated_content *a,
                                struct ic_view extensions, const struct ic_secret *init,
                                const struct ic_secret *commit_secret,
                                const struct ic_secret *psk_secret, struct ic_secret *joiner,
                                struct ic_secret *member)
{
    uint8_t confirmed[IC_HASH_MAX];
    ic_mlspub_confirmed_hash(g->suite, ic_view(g->now.interim, g->now.interim_len), a, confirmed);
    struct ic_mlspub_group_context c = g->now.context;
    c.epoch++;
    c.tree_hash = ic_mlspub_diff_tree_hash(s->diff);
    c.confirmed_transcript_hash = ic_view(confirmed, g->suite->hash_len);
    c.extensions = extensions;
    IC_TRY(ic_mls_moment_set_context(&s->next, &c));
    IC_TRY(ic_mls_joiner_secret(g->suite, init, commit_secret, ic_buf_view(&s->next.context_bytes),
                                joiner));
    ic_mls_member_secret(g->suite, joiner, psk_secret, member);
    return ic_mls_moment_open(&s->next, g->suite, member, ic_mlspub_diff_size(s->diff),
                              &g->config.limits);
}
