#include <ic/base/mem.h>
#include <ic/merkle/heads.h>

enum { HEADS_VERSION = 1 };

/* A head that the log did not yet prove to be of the same list. */
struct waiting {
    struct ic_merkle_head head;
    uint64_t since_ms, asked_ms;
    bool asked, wrong; /* wrong: what was given as a proof was none */
};

struct log {
    bool forked;
    struct ic_merkle_head fork[2];
    struct ic_merkle_head newest;
    size_t waiting_count;
    struct waiting waiting[IC_MERKLE_WAITING_MAX];
    /* Proved and smaller than the newest; the oldest gives its place. */
    size_t proved_count, proved_next;
    struct ic_merkle_head proved[IC_MERKLE_PROVED_MAX];
};

struct ic_merkle_heads {
    size_t count;
    struct log *logs[IC_MERKLE_LOGS_MAX];
};

ic_err ic_merkle_heads_new(struct ic_merkle_heads **out)
{
    struct ic_merkle_heads *h = ic_new(struct ic_merkle_heads);
    if (!h)
        return IC_ERR_NOMEM;
    *out = h;
    return IC_OK;
}

void ic_merkle_heads_free(struct ic_merkle_heads *h)
{
    if (!h)
        return;
    for (size_t i = 0; i < h->count; i++)
        ic_free(h->logs[i]);
    ic_free(h);
}

static struct log *find(const struct ic_merkle_heads *h, const struct ic_merkle_hash *id)
{
    for (size_t i = 0; i < h->count; i++)
        if (ic_merkle_hash_equal(&h->logs[i]->newest.log, id))
            return h->logs[i];
    return NULL;
}

static ic_err add(struct ic_merkle_heads *h, const struct ic_merkle_head *head, struct log **out)
{
    if (h->count == IC_MERKLE_LOGS_MAX)
        return IC_ERR_LIMIT;
    struct log *l = ic_new(struct log);
    if (!l)
        return IC_ERR_NOMEM;
    l->newest = *head;
    h->logs[h->count++] = l;
    if (out)
        *out = l;
    return IC_OK;
}

static const struct ic_merkle_head *find_proved(const struct log *l, uint64_t size)
{
    if (l->newest.size == size)
        return &l->newest;
    for (size_t i = 0; i < l->proved_count; i++)
        if (l->proved[i].size == size)
            return &l->proved[i];
    return NULL;
}

static struct waiting *find_waiting(struct log *l, uint64_t size)
{
    for (size_t i = 0; i < l->waiting_count; i++)
        if (l->waiting[i].head.size == size)
            return &l->waiting[i];
    return NULL;
}

/* Two heads of one size: the same, or a fork that nothing mends. */
static bool agrees(struct log *l, const struct ic_merkle_head *known,
                   const struct ic_merkle_head *seen)
{
    if (ic_merkle_hash_equal(&known->root, &seen->root))
        return true;
    l->forked = true;
    l->fork[0] = *known;
    l->fork[1] = *seen;
    return false;
}

static ic_err wait_for_proof(struct log *l, const struct ic_merkle_head *head, uint64_t now_ms)
{
    if (l->waiting_count == IC_MERKLE_WAITING_MAX)
        return IC_ERR_LIMIT;
    l->waiting[l->waiting_count++] = (struct waiting){.head = *head, .since_ms = now_ms};
    return IC_OK;
}

ic_err ic_merkle_heads_see(struct ic_merkle_heads *h, const struct ic_merkle_head *head,
                           uint64_t now_ms, enum ic_merkle_verdict *verdict)
{
    struct log *l = find(h, &head->log);
    if (!l) {
        IC_TRY(add(h, head, NULL));
        *verdict = IC_MERKLE_NEWER;
        return IC_OK;
    }
    const struct ic_merkle_head *proved = find_proved(l, head->size);
    struct waiting *waiting = find_waiting(l, head->size);
    if (l->forked) {
        *verdict = IC_MERKLE_FORKED;
    } else if (proved) {
        *verdict = agrees(l, proved, head) ? IC_MERKLE_SAME : IC_MERKLE_FORKED;
    } else if (waiting) {
        *verdict = agrees(l, &waiting->head, head) ? IC_MERKLE_UNPROVED : IC_MERKLE_FORKED;
    } else {
        IC_TRY(wait_for_proof(l, head, now_ms));
        *verdict = IC_MERKLE_UNPROVED;
    }
    return IC_OK;
}

static bool is_under_way(const struct waiting *w, uint64_t now_ms)
{
    return w->asked && now_ms < w->asked_ms + IC_MERKLE_ASK_AGAIN_MS;
}

static bool may_ask(const struct ic_merkle_heads *h, uint64_t now_ms)
{
    size_t n = 0;
    for (size_t i = 0; i < h->count; i++)
        for (size_t k = 0; k < h->logs[i]->waiting_count; k++)
            n += is_under_way(&h->logs[i]->waiting[k], now_ms);
    return n < IC_MERKLE_ASKS_MAX;
}

/* Which was never asked for, else longest ago: a log that gives no proofs does not keep others' from being asked. */
static struct waiting *longest_waiting(struct ic_merkle_heads *h, uint64_t now_ms, struct log **of)
{
    struct waiting *best = NULL;
    for (size_t i = 0; i < h->count; i++) {
        struct log *l = h->logs[i];
        for (size_t k = 0; k < l->waiting_count && !l->forked; k++) {
            struct waiting *w = &l->waiting[k];
            if (is_under_way(w, now_ms) ||
                (best && (!best->asked || (w->asked && w->asked_ms >= best->asked_ms))))
                continue;
            best = w;
            *of = l;
        }
    }
    return best;
}

bool ic_merkle_heads_next(struct ic_merkle_heads *h, uint64_t now_ms, struct ic_merkle_ask *out)
{
    struct log *l = NULL;
    struct waiting *w = may_ask(h, now_ms) ? longest_waiting(h, now_ms, &l) : NULL;
    if (!w)
        return false;
    w->asked = true;
    w->asked_ms = now_ms;
    bool newer = w->head.size > l->newest.size;
    out->log = w->head.log;
    out->first = newer ? l->newest.size : w->head.size;
    out->second = newer ? w->head.size : l->newest.size;
    return true;
}

/* Which one waits and which one is proved: the newest may have changed since the question. */
static struct waiting *find_pair(struct log *l, const struct ic_merkle_ask *ask,
                                 const struct ic_merkle_head **proved)
{
    struct waiting *w = find_waiting(l, ask->second);
    *proved = find_proved(l, ask->first);
    if (w && *proved)
        return w;
    w = find_waiting(l, ask->first);
    *proved = find_proved(l, ask->second);
    return *proved ? w : NULL;
}

static void remember(struct log *l, const struct ic_merkle_head *head)
{
    l->proved[l->proved_next] = *head;
    l->proved_next = (l->proved_next + 1) % IC_MERKLE_PROVED_MAX;
    if (l->proved_count < IC_MERKLE_PROVED_MAX)
        l->proved_count++;
}

ic_err ic_merkle_heads_prove(struct ic_merkle_heads *h, const struct ic_merkle_ask *ask,
                             const struct ic_merkle_path *path, enum ic_merkle_verdict *verdict)
{
    struct log *l = find(h, &ask->log);
    const struct ic_merkle_head *proved = NULL;
    struct waiting *w = l ? find_pair(l, ask, &proved) : NULL;
    if (!w)
        return IC_ERR_NOT_FOUND;
    bool newer = w->head.size > proved->size;
    const struct ic_merkle_head *first = newer ? proved : &w->head;
    const struct ic_merkle_head *second = newer ? &w->head : proved;
    ic_err e =
        ic_merkle_consistency_check(first->size, &first->root, second->size, &second->root, path);
    if (e != IC_OK) {
        w->wrong = true;
        return IC_ERR_AUTH;
    }
    struct ic_merkle_head done = w->head;
    *w = l->waiting[--l->waiting_count];
    if (done.size > l->newest.size) {
        remember(l, &l->newest);
        l->newest = done;
        *verdict = IC_MERKLE_NEWER;
    } else {
        remember(l, &done);
        *verdict = IC_MERKLE_SAME;
    }
    return IC_OK;
}

uint64_t ic_merkle_heads_due_ms(const struct ic_merkle_heads *h, uint64_t now_ms)
{
    uint64_t due = UINT64_MAX;
    bool more = may_ask(h, now_ms); /* else those under way come first */
    for (size_t i = 0; i < h->count; i++) {
        const struct log *l = h->logs[i];
        for (size_t k = 0; k < l->waiting_count && !l->forked; k++) {
            const struct waiting *w = &l->waiting[k];
            uint64_t ask = w->asked ? w->asked_ms + IC_MERKLE_ASK_AGAIN_MS : more ? now_ms : due;
            uint64_t patience = w->since_ms + IC_MERKLE_PATIENCE_MS;
            due = ask < due ? ask : due;
            due = patience > now_ms && patience < due ? patience : due;
        }
    }
    return due;
}

enum ic_merkle_trouble ic_merkle_heads_trouble(const struct ic_merkle_heads *h,
                                               const struct ic_merkle_hash *log, uint64_t now_ms)
{
    const struct log *l = find(h, log);
    if (!l)
        return IC_MERKLE_SOUND;
    if (l->forked)
        return IC_MERKLE_FORK;
    for (size_t k = 0; k < l->waiting_count; k++)
        if (l->waiting[k].wrong || now_ms >= l->waiting[k].since_ms + IC_MERKLE_PATIENCE_MS)
            return IC_MERKLE_WITHHOLDS;
    return IC_MERKLE_SOUND;
}

const struct ic_merkle_head *ic_merkle_heads_newest(const struct ic_merkle_heads *h,
                                                    const struct ic_merkle_hash *log)
{
    const struct log *l = find(h, log);
    return l ? &l->newest : NULL;
}

const struct ic_merkle_head *ic_merkle_heads_at(const struct ic_merkle_heads *h, size_t i)
{
    return i < h->count ? &h->logs[i]->newest : NULL;
}

ic_err ic_merkle_heads_fork(const struct ic_merkle_heads *h, const struct ic_merkle_hash *log,
                            struct ic_merkle_head *a, struct ic_merkle_head *b)
{
    const struct log *l = find(h, log);
    if (!l || !l->forked)
        return IC_ERR_NOT_FOUND;
    *a = l->fork[0];
    *b = l->fork[1];
    return IC_OK;
}

static void write_head(struct ic_writer *w, const struct ic_merkle_head *head)
{
    IC_BUF_SCOPE(b, IC_MERKLE_HEAD_MAX);
    ic_err e = ic_merkle_head_encode(head, &b);
    if (e != IC_OK)
        ic_writer_fail(w, e);
    ic_write_vec(w, ic_buf_view(&b));
}

ic_err ic_merkle_heads_encode(const struct ic_merkle_heads *h, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    ic_write_u8(&w, HEADS_VERSION);
    size_t mark = ic_write_open(&w);
    for (size_t i = 0; i < h->count; i++) {
        const struct log *l = h->logs[i];
        write_head(&w, &l->newest);
        ic_write_u8(&w, l->forked);
        for (size_t k = 0; k < 2 && l->forked; k++)
            write_head(&w, &l->fork[k]);
    }
    ic_write_close(&w, mark);
    return ic_writer_end(&w);
}

static void read_head(struct ic_reader *r, struct ic_merkle_head *out)
{
    struct ic_view v = ic_read_vec(r, IC_MERKLE_HEAD_MAX);
    if (r->err != IC_OK)
        return;
    ic_err e = ic_merkle_head_decode(v, out);
    if (e != IC_OK)
        ic_reader_fail(r, e);
}

static ic_err read_log(struct ic_reader *r, struct ic_merkle_heads *h)
{
    struct ic_merkle_head newest, fork[2];
    read_head(r, &newest);
    uint8_t forked = ic_read_u8(r);
    if (forked > 1)
        ic_reader_fail(r, IC_ERR_MALFORMED);
    for (size_t k = 0; k < 2 && forked == 1; k++)
        read_head(r, &fork[k]);
    IC_TRY(r->err);
    if (find(h, &newest.log))
        return IC_ERR_MALFORMED;
    struct log *l;
    IC_TRY(add(h, &newest, &l));
    l->forked = forked;
    if (forked)
        memcpy(l->fork, fork, sizeof fork);
    return IC_OK;
}

ic_err ic_merkle_heads_decode(struct ic_merkle_heads *h, struct ic_view v)
{
    if (h->count > 0)
        return IC_ERR_STATE;
    struct ic_merkle_heads made = {0};
    struct ic_reader r = ic_reader(v);
    if (ic_read_u8(&r) != HEADS_VERSION)
        ic_reader_fail(&r, IC_ERR_UNSUPPORTED);
    struct ic_reader logs = ic_read_sub(&r, IC_MERKLE_HEADS_MAX);
    ic_err e = r.err;
    while (e == IC_OK && ic_reader_more(&logs))
        e = read_log(&logs, &made);
    if (e == IC_OK)
        e = ic_reader_end(&r);
    if (e == IC_OK) {
        *h = made;
        return IC_OK;
    }
    for (size_t i = 0; i < made.count; i++)
        ic_free(made.logs[i]);
    return e;
}
