/* Which log belongs to which root, what a staple is worth, and what is known of each log. */
#include "logs.h"

#include <ic/base/mem.h>

ic_err ic_together_logs_new(struct ic_together_logs **out)
{
    struct ic_together_logs *l = ic_new(struct ic_together_logs);
    if (!l)
        return IC_ERR_NOMEM;
    l->say_ms = l->due_ms = UINT64_MAX;
    ic_err e = ic_merkle_heads_new(&l->heads);
    if (e != IC_OK) {
        ic_free(l);
        return e;
    }
    *out = l;
    return IC_OK;
}

void ic_together_logs_free(struct ic_together_logs *l)
{
    if (l)
        ic_merkle_heads_free(l->heads);
    ic_free(l);
}

struct logs_one *ic_together_logs_find(struct ic_together_logs *l, const struct ic_merkle_hash *id)
{
    for (size_t i = 0; i < l->log_count; i++)
        if (ic_merkle_hash_equal(&l->logs[i].id, id))
            return &l->logs[i];
    return NULL;
}

ic_err ic_together_logs_add(struct ic_together_logs *l, const uint8_t root[32],
                            const struct ic_merkle_log *log)
{
    struct ic_merkle_hash id;
    IC_TRY(ic_verify_key_check(log->sig, log->key));
    ic_merkle_log_id(log, &id);
    struct logs_one *one = ic_together_logs_find(l, &id);
    if (l->root_count == IC_TOGETHER_LOGS_ROOTS || (!one && l->log_count == IC_MERKLE_LOGS_MAX))
        return IC_ERR_LIMIT;
    if (!one) {
        one = &l->logs[l->log_count++];
        one->id = id;
        memcpy(one->key, log->key.p, log->key.len);
        one->log = (struct ic_merkle_log){log->sig, ic_view(one->key, log->key.len)};
    }
    memcpy(l->roots[l->root_count].fingerprint, root, 32);
    l->roots[l->root_count++].log = (size_t)(one - l->logs);
    return IC_OK;
}

ic_err ic_together_logs_load(struct ic_together_logs *l, struct ic_view kept)
{
    IC_TRY(ic_merkle_heads_decode(l->heads, kept));
    for (size_t i = 0; i < l->log_count; i++) {
        const struct ic_merkle_head *h = ic_merkle_heads_newest(l->heads, &l->logs[i].id);
        l->kept_size[i] = h ? h->size + 1 : 0;
    }
    return IC_OK;
}

ic_err ic_together_logs_save(const struct ic_together_logs *l, struct ic_buf *out)
{
    return ic_merkle_heads_encode(l->heads, out);
}

static bool same_head(const struct ic_merkle_head *a, const struct ic_merkle_head *b)
{
    return a->size == b->size && a->time_ms == b->time_ms &&
           ic_merkle_hash_equal(&a->log, &b->log) && ic_merkle_hash_equal(&a->root, &b->root) &&
           a->signature_len == b->signature_len &&
           memcmp(a->signature, b->signature, a->signature_len) == 0;
}

ic_err ic_together_logs_see(struct ic_together_logs *l, const struct ic_merkle_head *head,
                            uint64_t now_ms)
{
    struct logs_one *one = ic_together_logs_find(l, &head->log);
    enum ic_merkle_verdict verdict;
    if (!one)
        return IC_ERR_UNKNOWN_KEY;
    if (!same_head(head, &one->checked)) {
        IC_TRY(ic_merkle_head_check(&one->log, head));
        one->checked = *head;
    }
    ic_err e = ic_merkle_heads_see(l->heads, head, now_ms, &verdict);
    l->full = l->full || e == IC_ERR_LIMIT;
    l->due_ms = ic_merkle_heads_due_ms(l->heads, now_ms);
    IC_TRY(e);
    if (!one->heard || head->size > one->heard_size)
        one->heard_size = head->size;
    one->heard = true;
    return IC_OK;
}

/* The log that the staple is of, where it is one of this root's; *logged: the root has any. */
static struct logs_one *log_of(struct ic_together_logs *l, const struct ic_pki_cert *root,
                               const struct ic_merkle_hash *id, bool *logged)
{
    struct logs_one *found = NULL;
    *logged = false;
    for (size_t i = 0; i < l->root_count; i++) {
        struct logs_one *one = &l->logs[l->roots[i].log];
        if (memcmp(l->roots[i].fingerprint, root->fingerprint, 32) != 0)
            continue;
        *logged = true;
        if (id && ic_merkle_hash_equal(&one->id, id))
            found = one;
    }
    return found;
}

static const char *standing(const struct ic_together_logs *l, const struct logs_one *one,
                            uint64_t now_ms)
{
    switch (ic_merkle_heads_trouble(l->heads, &one->id, now_ms)) {
    case IC_MERKLE_FORK:
        return "log-fork";
    case IC_MERKLE_WITHHOLDS:
        return "log-withholds";
    case IC_MERKLE_SOUND:
        break;
    }
    return "";
}

const char *ic_together_logs_judge(void *ctx, const struct ic_pki_chain *chain,
                                   const struct ic_pki_cert *root, struct ic_view staple,
                                   uint64_t now_s)
{
    struct ic_together_logs *l = ctx;
    struct ic_merkle_staple s;
    bool logged, read = ic_merkle_staple_decode(staple, &s) == IC_OK;
    struct logs_one *one = log_of(l, root, read ? &s.head.log : NULL, &logged);
    if (!logged)
        return "";
    if (!one)
        return "not-logged";
    /* The issuer is the next of the chain; a root may be left out of it. */
    const struct ic_pki_cert *issuer = chain->count > 1 ? &chain->certs[1] : root;
    if (ic_merkle_staple_included(&chain->certs[0], issuer, &s) != IC_OK)
        return "not-logged";
    if (now_s * 1000 > l->now_ms)
        l->now_ms = now_s * 1000;
    ic_err e = ic_together_logs_see(l, &s.head, l->now_ms);
    if (e == IC_ERR_LIMIT)
        return "log-unproved";
    return e == IC_OK ? standing(l, one, l->now_ms) : "not-logged";
}
