/* Proposals that wait for a commit, found by their ProposalRef. */
#include <assert.h>
#include <ic/base/mem.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/label.h>
#include <ic/mlspub/rules.h>
#include <string.h>

enum { BUCKETS = 64 };

struct ic_mlspub_pending_entry {
    struct ic_mlspub_pending_entry *next; /* in the bucket */
    struct ic_mlspub_change_item item;
    struct ic_mlspub_proposal proposal;
    uint8_t ref[IC_HASH_MAX];
    uint8_t bytes[]; /* the encoded proposal */
};

struct ic_mlspub_pending {
    const struct ic_suite *suite;
    size_t max;
    struct ic_mlspub_pending_entry **list; /* in the order of arrival */
    size_t count, cap;
    size_t prepared; /* entries that may still be put: the list has room for them */
    struct ic_mlspub_pending_entry *buckets[BUCKETS];
};

ic_err ic_mlspub_pending_new(const struct ic_suite *s, size_t max, struct ic_mlspub_pending **out)
{
    struct ic_mlspub_pending *p = ic_new(struct ic_mlspub_pending);
    if (!p)
        return IC_ERR_NOMEM;
    p->suite = s;
    p->max = max;
    *out = p;
    return IC_OK;
}

void ic_mlspub_pending_clear(struct ic_mlspub_pending *p)
{
    for (size_t i = 0; i < p->count; i++)
        ic_free(p->list[i]);
    p->count = 0;
    memset(p->buckets, 0, sizeof p->buckets);
}

void ic_mlspub_pending_free(struct ic_mlspub_pending *p)
{
    if (!p)
        return;
    ic_mlspub_pending_clear(p);
    ic_free(p->list);
    ic_free(p);
}

/* A ref is a hash: any byte of it spreads. */
static struct ic_mlspub_pending_entry *find(const struct ic_mlspub_pending *p, struct ic_view ref)
{
    if (ref.len != p->suite->hash_len)
        return NULL;
    struct ic_mlspub_pending_entry *e = p->buckets[ref.p[0] % BUCKETS];
    while (e && !ic_view_equal(e->item.ref, ref))
        e = e->next;
    return e;
}

const struct ic_mlspub_change_item *ic_mlspub_pending_find(const struct ic_mlspub_pending *p,
                                                           struct ic_view ref)
{
    const struct ic_mlspub_pending_entry *e = find(p, ref);
    return e ? &e->item : NULL;
}

static ic_err reserve(struct ic_mlspub_pending *p)
{
    size_t want = p->count + p->prepared + 1;
    if (want > p->max)
        return IC_ERR_LIMIT;
    if (want <= p->cap)
        return IC_OK;
    size_t cap = p->cap ? p->cap * 2 : 8;
    struct ic_mlspub_pending_entry **list = ic_realloc(p->list, cap, sizeof(void *));
    if (!list)
        return IC_ERR_NOMEM;
    p->list = list;
    p->cap = cap;
    return IC_OK;
}

static uint32_t leaf_of(struct ic_mlspub_sender sender, const struct ic_mlspub_proposal *p)
{
    if (p->type == IC_MLS_REMOVE)
        return p->remove;
    if ((p->type == IC_MLS_UPDATE || p->type == IC_MLS_SELF_REMOVE) &&
        sender.type == IC_MLS_SENDER_MEMBER)
        return sender.index;
    return IC_MLSPUB_NO_LEAF;
}

/* Room in the list, and the entry with copies of ref and proposal. */
static ic_err entry_new(struct ic_mlspub_pending *p, const struct ic_mlspub_change_item *like,
                        struct ic_mlspub_pending_entry **out)
{
    struct ic_view encoded = like->proposal->encoded;
    if (find(p, like->ref))
        return IC_ERR_EXISTS;
    IC_TRY(reserve(p));
    struct ic_mlspub_pending_entry *e = ic_calloc(1, sizeof *e + encoded.len);
    if (!e)
        return IC_ERR_NOMEM;
    memcpy(e->bytes, encoded.p, encoded.len);
    memcpy(e->ref, like->ref.p, like->ref.len);
    ic_err err = ic_mlspub_proposal_decode(ic_view(e->bytes, encoded.len), NULL, &e->proposal);
    if (err != IC_OK) {
        ic_free(e);
        return err;
    }
    e->item = (struct ic_mlspub_change_item){
        .sender = like->sender,
        .proposal = &e->proposal,
        .leaf = leaf_of(like->sender, &e->proposal),
        .verified = like->verified,
        .judged = like->judged,
        .ref = ic_view(e->ref, like->ref.len),
    };
    p->prepared++;
    *out = e;
    return IC_OK;
}

ic_err ic_mlspub_pending_prepare(struct ic_mlspub_pending *p,
                                 const struct ic_mlspub_authenticated_content *a, bool verified,
                                 bool judged, struct ic_mlspub_pending_entry **out)
{
    assert(a->content.type == IC_MLS_PROPOSAL && a->content.encoded.len > 0);
    uint8_t ref[IC_HASH_MAX];
    ic_mlspub_proposal_ref(p->suite, a, ref);
    const struct ic_mlspub_change_item like = {.sender = a->content.sender,
                                               .proposal = &a->content.proposal,
                                               .verified = verified,
                                               .judged = judged,
                                               .ref = ic_view(ref, p->suite->hash_len)};
    return entry_new(p, &like, out);
}

ic_err ic_mlspub_pending_restore(struct ic_mlspub_pending *p,
                                 const struct ic_mlspub_change_item *saved)
{
    struct ic_mlspub_pending_entry *e;
    if (saved->ref.len != p->suite->hash_len)
        return IC_ERR_MALFORMED;
    IC_TRY(entry_new(p, saved, &e));
    ic_mlspub_pending_put(p, e);
    return IC_OK;
}

const struct ic_mlspub_change_item *ic_mlspub_pending_put(struct ic_mlspub_pending *p,
                                                          struct ic_mlspub_pending_entry *e)
{
    const struct ic_mlspub_pending_entry *same = find(p, e->item.ref);
    if (same) {
        ic_mlspub_pending_drop(p, e);
        return &same->item;
    }
    assert(p->prepared > 0 && p->count < p->cap);
    p->prepared--;
    p->list[p->count++] = e;
    struct ic_mlspub_pending_entry **bucket = &p->buckets[e->ref[0] % BUCKETS];
    e->next = *bucket;
    *bucket = e;
    return &e->item;
}

void ic_mlspub_pending_drop(struct ic_mlspub_pending *p, struct ic_mlspub_pending_entry *e)
{
    assert(p->prepared > 0);
    p->prepared--;
    ic_free(e);
}

const struct ic_mlspub_change_item *ic_mlspub_pending_entry_item(
    const struct ic_mlspub_pending_entry *e)
{
    return &e->item;
}

size_t ic_mlspub_pending_count(const struct ic_mlspub_pending *p)
{
    return p->count;
}

const struct ic_mlspub_change_item *ic_mlspub_pending_at(const struct ic_mlspub_pending *p,
                                                         size_t i)
{
    return i < p->count ? &p->list[i]->item : NULL;
}
