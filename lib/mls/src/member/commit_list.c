/* The proposals of a commit that we make: RFC 9420 sections 12.2 and 12.4. */
#include "commit.h"

#include <ic/crypto/hpke.h>
#include <ic/mlspub/codec.h>

static struct ic_mlspub_proposal *value_new(struct ic_mls_commit_work *w, uint16_t type)
{
    struct ic_mlspub_proposal *p = ic_arena_alloc(&w->s->arena, 1, sizeof *p);
    if (!p)
        return NULL;
    p->type = type;
    struct ic_mlspub_proposals *list = &w->s->proposals;
    list->items[list->count++] = (struct ic_mlspub_change_item){
        .sender = list->committer, .proposal = p, .leaf = IC_MLSPUB_NO_LEAF};
    return p;
}

static ic_err value_add(struct ic_mls_commit_work *w, struct ic_view message)
{
    struct ic_view copy;
    struct ic_mlspub_message m;
    IC_TRY(ic_arena_copy(&w->s->arena, message, &copy));
    IC_TRY(ic_mlspub_message_decode(copy, &w->s->arena, &m));
    if (m.wire_format != IC_MLS_KEY_PACKAGE)
        return IC_ERR_MALFORMED;
    struct ic_mlspub_proposal *p = value_new(w, IC_MLS_ADD);
    if (!p)
        return IC_ERR_NOMEM;
    p->add = m.key_package;
    return IC_OK;
}

static ic_err value_psk(struct ic_mls_commit_work *w, const struct ic_mlspub_psk_id *id)
{
    struct ic_arena *a = &w->s->arena;
    uint8_t *nonce = ic_arena_alloc(a, 1, w->g->suite->hash_len);
    struct ic_mlspub_proposal *p = nonce ? value_new(w, IC_MLS_PSK) : NULL;
    if (!p)
        return IC_ERR_NOMEM;
    p->psk = *id;
    IC_TRY(ic_mls_psk_complete(w->g, nonce, &p->psk));
    IC_TRY(ic_arena_copy(a, p->psk.external_id, &p->psk.external_id));
    return ic_arena_copy(a, p->psk.group_id, &p->psk.group_id);
}

static ic_err value_reinit(struct ic_mls_commit_work *w, const struct ic_mls_reinit *r)
{
    struct ic_mlspub_proposal *p = value_new(w, IC_MLS_REINIT);
    if (!p)
        return IC_ERR_NOMEM;
    p->reinit.version = IC_MLS_VERSION_1;
    p->reinit.suite = r->suite;
    IC_TRY(ic_arena_copy(&w->s->arena, r->group_id, &p->reinit.group_id));
    return ic_arena_copy(&w->s->arena, r->extensions, &p->reinit.extensions);
}

static ic_err value_custom(struct ic_mls_commit_work *w, const struct ic_mls_custom *x)
{
    IC_TRY(ic_mls_custom_check(w->g, x->type));
    struct ic_mlspub_proposal *p = value_new(w, x->type);
    return p ? ic_arena_copy(&w->s->arena, x->data, &p->unknown) : IC_ERR_NOMEM;
}

static ic_err gather_values(struct ic_mls_commit_work *w)
{
    const struct ic_mls_commit_params *p = w->p;
    for (size_t i = 0; i < p->add_count; i++)
        IC_TRY(value_add(w, p->adds[i]));
    for (size_t i = 0; i < p->remove_count; i++) {
        struct ic_mlspub_proposal *r = value_new(w, IC_MLS_REMOVE);
        if (!r)
            return IC_ERR_NOMEM;
        r->remove = p->removes[i];
    }
    for (size_t i = 0; i < p->psk_count; i++)
        IC_TRY(value_psk(w, &p->psks[i]));
    if (p->reinit)
        IC_TRY(value_reinit(w, p->reinit));
    for (size_t i = 0; i < p->custom_count; i++)
        IC_TRY(value_custom(w, &p->customs[i]));
    if (!p->set_extensions)
        return IC_OK;
    struct ic_mlspub_proposal *e = value_new(w, IC_MLS_GROUP_CONTEXT_EXTENSIONS);
    if (!e)
        return IC_ERR_NOMEM;
    IC_TRY(ic_mlspub_extensions_check(p->extensions));
    return ic_arena_copy(&w->s->arena, p->extensions, &e->group_context_extensions);
}

/* A PSK that we do not have would make a commit that we cannot make. */
static bool wanted(struct ic_mls_commit_work *w, const struct ic_mlspub_change_item *item)
{
    if (item->proposal->type == IC_MLS_PSK && ic_mls_psk_known(w->g, &item->proposal->psk) != IC_OK)
        return false;
    return !w->p->filter || w->p->filter(w->p->filter_ctx, item);
}

static void gather_pending(struct ic_mls_commit_work *w)
{
    struct ic_mlspub_proposals *list = &w->s->proposals;
    for (size_t i = 0; i < ic_mlspub_pending_count(w->g->pending); i++) {
        const struct ic_mlspub_change_item *item = ic_mlspub_pending_at(w->g->pending, i);
        if (wanted(w, item))
            list->items[list->count++] = *item;
    }
}

static size_t value_count(const struct ic_mlspub_proposals *list)
{
    size_t n = 0;
    for (size_t i = 0; i < list->count; i++)
        n += list->items[i].ref.len == 0;
    return n;
}

static ic_err list_new(struct ic_mls_commit_work *w, size_t room)
{
    struct ic_mlspub_proposals *list = &w->s->proposals;
    list->items = ic_arena_alloc(&w->s->arena, room + 1, sizeof *list->items);
    return list->items ? IC_OK : IC_ERR_NOMEM;
}

ic_err ic_mls_commit_gather(struct ic_mls_commit_work *w)
{
    const struct ic_mls_commit_params *p = w->p;
    size_t pending = p->skip_pending ? 0 : ic_mlspub_pending_count(w->g->pending);
    IC_TRY(
        list_new(w, p->add_count + p->remove_count + p->psk_count + p->custom_count + 2 + pending));
    IC_TRY(gather_values(w));
    size_t values = value_count(&w->s->proposals);
    if (pending > 0)
        gather_pending(w);
    ic_mlspub_proposals_prune(&w->rules, w->g->tree, &w->s->proposals);
    if (value_count(&w->s->proposals) != values)
        return ic_mls_refuse(w->g, IC_ERR_RULE,
                             "RFC 9420 section 12.2: two proposals of the list exclude each other",
                             IC_MLSPUB_NO_LEAF);
    return ic_mls_staged_own_items(w->s);
}

/* ---- external commits, section 12.4.3.2 ---- */

/* RFC 9420 section 8.3: the init secret by HPKE's exporter, and the ExternalInit that carries it. */
static ic_err external_init(struct ic_mls_commit_work *w, struct ic_view external_pub)
{
    const struct ic_suite *suite = w->g->suite;
    struct ic_hpke_ctx ctx;
    uint8_t *enc = ic_arena_alloc(&w->s->arena, 1, suite->kem_public_len);
    struct ic_mlspub_proposal *p = enc ? value_new(w, IC_MLS_EXTERNAL_INIT) : NULL;
    if (!p)
        return IC_ERR_NOMEM;
    IC_TRY(ic_hpke_setup_sender(ic_hpke_suite_of(suite), external_pub, ic_view(NULL, 0),
                                (struct ic_hpke_psk){0}, &w->g->config.rand, enc, &ctx));
    ic_err e = ic_hpke_ctx_export(&ctx, IC_VIEW_STR("MLS 1.0 external init secret"), w->init.b,
                                  suite->hash_len);
    w->init.len = suite->hash_len;
    ic_hpke_ctx_clear(&ctx);
    p->external_init = ic_view(enc, suite->kem_public_len);
    return e;
}

ic_err ic_mls_commit_gather_external(struct ic_mls_commit_work *w,
                                     const struct ic_mls_external_join *j,
                                     struct ic_view external_pub)
{
    size_t leaving = ic_mlspub_pending_count(w->g->pending);
    IC_TRY(list_new(w, j->psk_count + 2 + leaving));
    IC_TRY(external_init(w, external_pub));
    if (j->replaces) {
        struct ic_mlspub_proposal *p = value_new(w, IC_MLS_REMOVE);
        if (!p)
            return IC_ERR_NOMEM;
        p->remove = *j->replaces;
    }
    for (size_t i = 0; i < j->psk_count; i++)
        IC_TRY(value_psk(w, &j->psks[i]));
    struct ic_mlspub_proposals *list = &w->s->proposals;
    for (size_t i = 0; i < leaving; i++) /* SelfRemoves, the only ones that it may refer to */
        list->items[list->count++] = *ic_mlspub_pending_at(w->g->pending, i);
    return ic_mls_staged_own_items(w->s);
}
