#include "memory_store.h"

#include <ic/base/mem.h>
#include <string.h>

/* The first record not before the key. */
static size_t position(const struct memory_list *l, const struct ic_mls_record_key *key)
{
    size_t low = 0, high = l->count;
    if (high > 0 && ic_mls_record_cmp(&l->p[high - 1].key, key) < 0)
        return high;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (ic_mls_record_cmp(&l->p[mid].key, key) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static ic_err reserve(struct memory_list *l)
{
    if (l->count < l->cap)
        return IC_OK;
    size_t cap = l->cap ? l->cap * 2 : 64;
    struct memory_record *p = ic_realloc(l->p, cap, sizeof *p);
    if (!p)
        return IC_ERR_NOMEM;
    l->p = p;
    l->cap = cap;
    return IC_OK;
}

static ic_err call(struct memory_store *m)
{
    m->calls++;
    return m->fail_at && --m->fail_at == 0 ? IC_ERR_IO : IC_OK;
}

static void list_clear(struct memory_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        ic_free_secret(l->p[i].value, l->p[i].len);
    ic_free(l->p);
    *l = (struct memory_list){0};
}

void memory_store_clear(struct memory_store *m)
{
    list_clear(&m->records);
    list_clear(&m->undo);
}

static ic_err store_begin(void *ctx, bool write)
{
    struct memory_store *m = ctx;
    IC_TRY(call(m));
    assert(!m->open);
    m->open = true;
    m->writing = write;
    m->puts = m->erased = 0;
    return IC_OK;
}

/* Puts the record where it belongs; what was there goes onto the undo list. */
static ic_err exchange(struct memory_store *m, struct memory_record r)
{
    struct memory_list *l = &m->records;
    size_t at = position(l, &r.key);
    bool there = at < l->count && ic_mls_record_cmp(&l->p[at].key, &r.key) == 0;
    IC_TRY(reserve(l));
    IC_TRY(reserve(&m->undo));
    m->undo.p[m->undo.count++] = there ? l->p[at] : (struct memory_record){.key = r.key};
    if (!there && r.value) {
        memmove(l->p + at + 1, l->p + at, (l->count++ - at) * sizeof r);
        l->p[at] = r;
    } else if (r.value) {
        l->p[at] = r;
    } else if (there) {
        memmove(l->p + at, l->p + at + 1, (--l->count - at) * sizeof r);
    }
    return IC_OK;
}

static ic_err store_put(void *ctx, const struct ic_mls_record_key *key, struct ic_view value)
{
    struct memory_store *m = ctx;
    IC_TRY(call(m));
    assert(m->open && m->writing);
    struct memory_record r = {*key, ic_memdup(value.p, value.len), value.len};
    ic_err e = r.value ? exchange(m, r) : IC_ERR_NOMEM;
    if (e != IC_OK)
        ic_free_secret(r.value, r.len);
    m->puts++;
    return e;
}

static ic_err store_erase(void *ctx, const struct ic_mls_record_key *first,
                          const struct ic_mls_record_key *last)
{
    struct memory_store *m = ctx;
    IC_TRY(call(m));
    assert(m->open && m->writing);
    /* From the end, so that what follows moves but once. */
    size_t from = position(&m->records, first), to = position(&m->records, last);
    if (to < m->records.count && ic_mls_record_cmp(&m->records.p[to].key, last) == 0)
        to++;
    for (; to > from; to--) {
        IC_TRY(exchange(m, (struct memory_record){.key = m->records.p[to - 1].key}));
        m->erased++;
    }
    return IC_OK;
}

static ic_err store_each(
    void *ctx, const struct ic_mls_record_key *first, const struct ic_mls_record_key *last,
    ic_err (*take)(void *arg, const struct ic_mls_record_key *key, struct ic_view value), void *arg)
{
    struct memory_store *m = ctx;
    IC_TRY(call(m));
    assert(m->open);
    for (size_t i = position(&m->records, first); i < m->records.count; i++) {
        const struct memory_record *r = &m->records.p[i];
        if (ic_mls_record_cmp(&r->key, last) > 0)
            break;
        IC_TRY(take(arg, &r->key, ic_view(r->value, r->len)));
    }
    return IC_OK;
}

static ic_err store_commit(void *ctx)
{
    struct memory_store *m = ctx;
    ic_err e = call(m);
    if (e == IC_OK || m->commit_happens) {
        list_clear(&m->undo);
        m->open = false;
    }
    return e;
}

static void store_rollback(void *ctx)
{
    struct memory_store *m = ctx;
    struct memory_list undo = m->undo;
    m->undo = (struct memory_list){0};
    while (undo.count > 0) {
        struct memory_record r = undo.p[--undo.count];
        size_t at = position(&m->records, &r.key);
        bool there = at < m->records.count && ic_mls_record_cmp(&m->records.p[at].key, &r.key) == 0;
        if (there) {
            ic_free_secret(m->records.p[at].value, m->records.p[at].len);
            memmove(m->records.p + at, m->records.p + at + 1, (--m->records.count - at) * sizeof r);
        }
        if (r.value) { /* there is room: it was there before */
            memmove(m->records.p + at + 1, m->records.p + at, (m->records.count++ - at) * sizeof r);
            m->records.p[at] = r;
        }
    }
    ic_free(undo.p);
    m->open = false;
}

struct ic_mls_store memory_store(struct memory_store *m)
{
    return (struct ic_mls_store){.ctx = m,
                                 .begin = store_begin,
                                 .put = store_put,
                                 .erase = store_erase,
                                 .each = store_each,
                                 .commit = store_commit,
                                 .rollback = store_rollback};
}

ic_err memory_store_dump(const struct memory_store *m, struct ic_buf *out)
{
    for (size_t i = 0; i < m->records.count; i++) {
        const struct memory_record *r = &m->records.p[i];
        struct ic_writer w = ic_writer(out);
        ic_write_u8(&w, r->key.kind);
        ic_write_u64(&w, r->key.epoch);
        ic_write_u64(&w, r->key.index);
        ic_write_vec(&w, ic_view(r->value, r->len));
        IC_TRY(ic_writer_end(&w));
    }
    return IC_OK;
}

struct memory_record *memory_store_find(struct memory_store *m, struct ic_mls_record_key key)
{
    size_t at = position(&m->records, &key);
    return at < m->records.count && ic_mls_record_cmp(&m->records.p[at].key, &key) == 0
               ? &m->records.p[at]
               : NULL;
}
