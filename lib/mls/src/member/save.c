/* Saving and loading: one transaction each. */
#include "saved.h"

#include <ic/base/mem.h>

/* ---- what the store holds ---- */

static ic_err take_stamp(void *arg, const struct ic_mls_record_key *key, struct ic_view value)
{
    struct ic_view content;
    IC_TRY(ic_mls_record_open(key, value, &content));
    return ic_mls_stamp_read(content, arg);
}

/* saves 0: the store is empty. */
static ic_err read_stamp(const struct ic_mls_store *store, struct ic_mls_stamp *out)
{
    const struct ic_mls_record_key key = {.kind = IC_MLS_RECORD_STAMP};
    *out = (struct ic_mls_stamp){0};
    return store->each(store->ctx, &key, &key, take_stamp, out);
}

/* ---- writing ---- */

static ic_err erase_kind(struct ic_mls_saving *s, uint8_t kind, uint64_t from, uint64_t to)
{
    const struct ic_mls_record_key first = {kind, from, 0}, last = {kind, to, UINT64_MAX};
    return s->store->erase(s->store->ctx, &first, &last);
}

/* What vanished in one piece: epochs that are no longer kept, and the end of the tree. */
static ic_err erase_ranges(struct ic_mls_saving *s)
{
    const struct ic_mls_changes *c = s->g->changes;
    uint64_t oldest = ic_mls_saved_oldest(s->g);
    if (oldest > c->oldest)
        for (uint8_t kind = IC_MLS_RECORD_PAST; kind <= IC_MLS_RECORD_SKIPPED; kind++)
            IC_TRY(erase_kind(s, kind, c->oldest, oldest - 1));
    if (c->tree_nodes < c->saved_nodes) {
        const struct ic_mls_record_key first = {IC_MLS_RECORD_NODE, 0, c->tree_nodes};
        const struct ic_mls_record_key last = {IC_MLS_RECORD_NODE, 0, UINT64_MAX};
        IC_TRY(s->store->erase(s->store->ctx, &first, &last));
    }
    return IC_OK;
}

static ic_err write_changes(struct ic_mls_saving *s)
{
    struct ic_mls_changes *c = s->g->changes;
    ic_mls_changes_sort(c);
    IC_TRY(erase_ranges(s));
    for (size_t i = 0; i < c->count; i++)
        IC_TRY(ic_mls_saving_put(s, &c->keys[i]));
    return IC_OK;
}

/* keep: but a saved staged commit stays. */
static ic_err write_all(struct ic_mls_saving *s, bool keep)
{
    static const struct ic_mls_record_key before = {IC_MLS_RECORD_STAGED - 1, UINT64_MAX,
                                                    UINT64_MAX};
    static const struct ic_mls_record_key after = {IC_MLS_RECORD_STAGED + 1, 0, 0};
    const struct ic_mls_record_key *end = keep ? &before : &ic_mls_record_last;
    IC_TRY(s->store->erase(s->store->ctx, &ic_mls_record_first, end));
    if (keep)
        IC_TRY(s->store->erase(s->store->ctx, &after, &ic_mls_record_last));
    return ic_mls_saving_all(s);
}

/* What is to become of a saved staged commit. */
struct staging {
    bool anew; /* whatever the store holds is replaced */
    bool set;  /* staged is it from now on, or NULL: none */
    const struct ic_mls_staged *staged;
};

/* A commit that is saved stays while its epoch lasts, if nothing is said of it. */
static bool stays(const struct ic_mls_group *g, const struct staging *how)
{
    return !how->set && !how->anew && g->changes->staged && !g->removed &&
           g->changes->staged_epoch == g->now.context.epoch;
}

/* A commit of ours that failed may have happened: what it wrote is then the state to go on from, and what
 * has changed since the one before is still noted, but not what that was. */
static void find_unsure(struct ic_mls_group *g, const struct ic_mls_stamp *held)
{
    if (!g->changes->unsure || held->saves != g->saves + 1)
        return;
    g->saves = held->saves;
    g->changes->all = true;
    g->changes->unsure = false;
}

static ic_err write(struct ic_mls_group *g, struct ic_mls_saving *s, const struct staging *how,
                    uint64_t *saves, bool *staged)
{
    struct ic_mls_stamp held;
    IC_TRY(read_stamp(s->store, &held));
    find_unsure(g, &held);
    if (!how->anew && held.saves != 0 && held.saves != g->saves)
        return ic_mls_refuse(g, IC_ERR_STALE, "saved state: another one has been saved meanwhile",
                             IC_MLSPUB_NO_LEAF);
    bool same = held.saves == g->saves && held.saves > 0;
    *saves = (held.saves > g->saves ? held.saves : g->saves) + 1;
    bool all = !same || g->changes->all || how->anew;
    bool keep = same && stays(g, how);
    IC_TRY(all ? write_all(s, keep) : write_changes(s));
    if (!all && !keep && g->changes->staged)
        IC_TRY(erase_kind(s, IC_MLS_RECORD_STAGED, 0, UINT64_MAX));
    if (how->staged)
        IC_TRY(ic_mls_saving_staged(s, how->staged));
    *staged = keep || how->staged;
    return ic_mls_saving_stamp(s, *saves);
}

/* Changes are noted from now on; until a save has happened, all has changed. */
static ic_err begin_noting(struct ic_mls_group *g)
{
    if (g->changes)
        return IC_OK;
    g->changes = ic_mls_changes_new();
    if (!g->changes)
        return IC_ERR_NOMEM;
    g->changes->all = true;
    if (g->now.ratchets)
        ic_mls_secret_tree_watch(g->now.ratchets, g->changes, g->now.context.epoch);
    for (struct ic_mls_past *p = g->past; p; p = p->older)
        ic_mls_secret_tree_watch(p->ratchets, g->changes, p->context.epoch);
    return IC_OK;
}

static void note_saved(struct ic_mls_group *g, uint64_t saves, bool staged)
{
    struct ic_mls_changes *c = g->changes;
    c->all = c->unsure = false;
    c->count = 0;
    c->oldest = ic_mls_saved_oldest(g);
    c->tree_nodes = c->saved_nodes = ic_mlspub_node_count(ic_mlspub_tree_size(g->tree));
    c->staged = staged;
    c->staged_epoch = g->now.context.epoch;
    g->saves = saves;
}

static ic_err save(struct ic_mls_group *g, const struct ic_mls_store *store,
                   const struct staging *how)
{
    struct ic_mls_saving s = {.g = g, .store = store};
    uint64_t saves = 0;
    bool staged = false;
    IC_TRY(ic_mls_unjudged_state(&g->unjudged, &g->fault));
    IC_TRY(begin_noting(g));
    IC_TRY(store->begin(store->ctx, true));
    ic_err e = write(g, &s, how, &saves, &staged);
    ic_mls_saving_clear(&s);
    if (e == IC_OK) {
        e = store->commit(store->ctx);
        g->changes->unsure |= e != IC_OK;
    }
    if (e != IC_OK) {
        store->rollback(store->ctx);
        return e;
    }
    note_saved(g, saves, staged);
    return IC_OK;
}

ic_err ic_mls_save(struct ic_mls_group *g, const struct ic_mls_store *store)
{
    return save(g, store, &(struct staging){0});
}

ic_err ic_mls_save_anew(struct ic_mls_group *g, const struct ic_mls_store *store)
{
    return save(g, store, &(struct staging){.anew = true});
}

/* A commit of this group and epoch, whose credentials have all been judged. */
static ic_err check_staged(const struct ic_mls_group *g, const struct ic_mls_staged *s,
                           struct ic_mlspub_fault *fault)
{
    if (!s)
        return IC_OK;
    if (s->group != g || s->epoch != g->now.context.epoch || g->removed)
        return ic_mlspub_fault_set(fault, IC_ERR_ARG, "saved state: a commit of another epoch",
                                   IC_MLSPUB_NO_LEAF);
    return ic_mls_unjudged_state(&s->unjudged, fault);
}

ic_err ic_mls_save_staged(struct ic_mls_group *g, const struct ic_mls_staged *s,
                          const struct ic_mls_store *store)
{
    IC_TRY(check_staged(g, s, &g->fault));
    return save(g, store, &(struct staging){.set = true, .staged = s});
}

/* ---- reading ---- */

static void loading_init(struct ic_mls_loading *l, const struct ic_mls_config *c,
                         const struct ic_sign_key *const *signers, size_t signer_count)
{
    *l = (struct ic_mls_loading){.config = c,
                                 .signers = signers,
                                 .signer_count = signer_count,
                                 .fault = IC_MLSPUB_FAULT_NONE};
    ic_buf_init(&l->tree, SIZE_MAX);
}

static ic_err load_end(struct ic_mls_loading *l, ic_err e, struct ic_mls_group **out)
{
    if (e == IC_OK)
        e = ic_mls_loading_end(l, out);
    if (e != IC_OK && l->config->fault)
        *l->config->fault = l->fault;
    ic_mls_loading_clear(l);
    return e;
}

ic_err ic_mls_load(const struct ic_mls_config *c, const struct ic_sign_key *const *signers,
                   size_t signer_count, const struct ic_mls_store *store, struct ic_mls_group **out)
{
    struct ic_mls_loading l;
    loading_init(&l, c, signers, signer_count);
    l.changes = ic_mls_changes_new();
    if (!l.changes)
        return IC_ERR_NOMEM;
    ic_err e = store->begin(store->ctx, false);
    if (e == IC_OK) {
        e = store->each(store->ctx, &ic_mls_record_first, &ic_mls_record_last, ic_mls_loading_take,
                        &l);
        store->rollback(store->ctx);
    }
    return load_end(&l, e, out);
}

/* ---- one byte string ---- */

static const uint8_t magic[4] = {'I', 'C', 'G', 'S'};
static const uint8_t end = 0; /* where a record's kind would stand */

enum { KEY_LEN = 17, RECORD_MAX = 0x3fffffff };

/* A store that counts what it would take, and one that takes it. */
static ic_err count_put(void *ctx, const struct ic_mls_record_key *key, struct ic_view value)
{
    size_t *n = ctx;
    (void)key;
    *n += KEY_LEN + 4 + value.len;
    return IC_OK;
}

static ic_err append_put(void *ctx, const struct ic_mls_record_key *key, struct ic_view value)
{
    struct ic_writer w = ic_writer(ctx);
    ic_write_u8(&w, key->kind);
    ic_write_u64(&w, key->epoch);
    ic_write_u64(&w, key->index);
    ic_write_vec(&w, value);
    return ic_writer_end(&w);
}

static ic_err put_all(const struct ic_mls_group *g, const struct ic_mls_staged *staged,
                      const struct ic_mls_store *store)
{
    struct ic_mls_saving s = {.g = g, .store = store};
    ic_err e = ic_mls_saving_stamp(&s, 0);
    if (e == IC_OK)
        e = ic_mls_saving_all(&s);
    if (e == IC_OK && staged)
        e = ic_mls_saving_staged(&s, staged);
    ic_mls_saving_clear(&s);
    return e;
}

ic_err ic_mls_state_encode(const struct ic_mls_group *g, struct ic_buf *out)
{
    return ic_mls_state_encode_staged(g, NULL, out);
}

ic_err ic_mls_state_encode_staged(const struct ic_mls_group *g, const struct ic_mls_staged *staged,
                                  struct ic_buf *out)
{
    size_t n = sizeof magic, start = out->len;
    const struct ic_mls_store counting = {.ctx = &n, .put = count_put};
    const struct ic_mls_store appending = {.ctx = out, .put = append_put};
    IC_TRY(ic_mls_unjudged_state(&g->unjudged, NULL));
    IC_TRY(check_staged(g, staged, NULL));
    IC_TRY(put_all(g, staged, &counting));
    n++;
    IC_TRY(ic_buf_reserve(out, n)); /* at once: what grows would leave secrets behind */
    ic_err e = ic_buf_append(out, IC_VIEW_ARRAY(magic));
    if (e == IC_OK)
        e = put_all(g, staged, &appending);
    if (e == IC_OK)
        e = ic_buf_append(out, ic_view(&end, 1));
    if (e != IC_OK) {
        ic_wipe(out->p + start, out->len - start);
        out->len = start;
    }
    return e;
}

static ic_err take_bytes(struct ic_mls_loading *l, struct ic_view bytes)
{
    struct ic_reader r = ic_reader(bytes);
    struct ic_view head = ic_read_bytes(&r, sizeof magic);
    if (r.err != IC_OK || !ic_view_equal(head, IC_VIEW_ARRAY(magic)))
        return ic_mls_loading_refuse(l, IC_ERR_MALFORMED, "saved state: these bytes are none");
    while (ic_reader_more(&r)) {
        struct ic_mls_record_key key;
        key.kind = ic_read_u8(&r);
        if (key.kind == end && r.err == IC_OK && !ic_reader_more(&r))
            return IC_OK;
        key.epoch = ic_read_u64(&r);
        key.index = ic_read_u64(&r);
        struct ic_view value = ic_read_vec(&r, RECORD_MAX);
        if (r.err != IC_OK)
            break;
        IC_TRY(ic_mls_loading_take(l, &key, value));
    }
    return ic_mls_loading_refuse(l, IC_ERR_MALFORMED, "saved state: it ends too early");
}

ic_err ic_mls_state_decode(const struct ic_mls_config *c, const struct ic_sign_key *const *signers,
                           size_t signer_count, struct ic_view bytes, struct ic_mls_group **out)
{
    struct ic_mls_loading l;
    loading_init(&l, c, signers, signer_count);
    ic_err e = take_bytes(&l, bytes);
    if (e == IC_OK && !l.any)
        e = ic_mls_loading_refuse(&l, IC_ERR_MALFORMED, "saved state: it ends too early");
    return load_end(&l, e, out);
}
