/* What those outside the group do wrong: RFC 9420 sections 6.1, 12.1.8, 12.2, 12.4.3.2. */
#include "villain.h"

#include <ic/mlspub/codec.h>
#include <string.h>

static const struct ic_mlspub_sender external = {IC_MLS_SENDER_EXTERNAL, 0};
static const struct ic_mlspub_sender newcomer = {.type = IC_MLS_SENDER_NEW_MEMBER_PROPOSAL};
static const struct ic_mlspub_sender committer = {.type = IC_MLS_SENDER_NEW_MEMBER_COMMIT};

static ic_err framed(struct scene *s, struct ic_mlspub_sender sender, size_t who, uint8_t type,
                     struct ic_view body)
{
    static const uint8_t tag[IC_HASH_MAX];
    const struct frame f = {.type = type,
                            .sender = sender,
                            .key = s->w.people[who].signer,
                            .body = body,
                            .tag = ic_view(tag, type == IC_MLS_COMMIT ? s->w.suite->hash_len : 0)};
    return villain_frame(s, &f);
}

static ic_err remove_by(struct scene *s, struct ic_mlspub_sender sender, size_t who)
{
    struct ic_view body;
    IC_TRY(
        villain_body(s, &(struct ic_mlspub_proposal){.type = IC_MLS_REMOVE, .remove = 1}, &body));
    return framed(s, sender, who, IC_MLS_PROPOSAL, body);
}

static ic_err external_update(struct scene *s)
{
    struct ic_view leaf, body;
    struct ic_mlspub_proposal p = {.type = IC_MLS_UPDATE};
    IC_TRY(villain_package(s, SENDER, &(struct package_bend){0}, NULL, &leaf));
    IC_TRY(ic_mlspub_leaf_node_decode(leaf, NULL, &p.update));
    IC_TRY(villain_body(s, &p, &body));
    return framed(s, external, SENDER, IC_MLS_PROPOSAL, body);
}

/* A commit of nothing, without path. */
static ic_err external_commits(struct scene *s)
{
    return framed(s, external, SENDER, IC_MLS_COMMIT, IC_VIEW_STR("\0\0"));
}

static ic_err external_unlisted(struct scene *s)
{
    return remove_by(s, (struct ic_mlspub_sender){IC_MLS_SENDER_EXTERNAL, 1}, SENDER);
}

static ic_err external_forged(struct scene *s)
{
    return remove_by(s, external, STRANGER);
}

static ic_err newcomer_removes(struct scene *s)
{
    return remove_by(s, newcomer, GUEST);
}

static ic_err newcomer_commits(struct scene *s)
{
    return framed(s, newcomer, GUEST, IC_MLS_COMMIT, IC_VIEW_STR("\0\0"));
}

static ic_err committer_proposes(struct scene *s)
{
    return remove_by(s, committer, GUEST);
}

static ic_err committer_without_path(struct scene *s)
{
    struct ic_view body;
    static const uint8_t kem_output[256] = {4, 9};
    IC_BUF_SCOPE(bytes, 4096);
    const struct ic_mlspub_proposal p = {.type = IC_MLS_EXTERNAL_INIT,
                                         .external_init =
                                             ic_view(kem_output, s->w.suite->kem_public_len)};
    IC_TRY(villain_body(s, &p, &body));
    struct ic_writer w = ic_writer(&bytes);
    size_t mark = ic_write_open(&w);
    ic_write_u8(&w, 1);
    ic_write_bytes(&w, body);
    ic_write_close(&w, mark);
    ic_write_u8(&w, 0);
    IC_TRY(ic_writer_end(&w));
    return framed(s, committer, GUEST, IC_MLS_COMMIT, ic_buf_view(&bytes));
}

/* ---- external commits as the library makes them ---- */

static ic_err enter(struct scene *s, size_t who, const uint32_t *replaces)
{
    struct ic_mls_group *g;
    IC_BUF_SCOPE(info, 65536);
    IC_TRY(ic_mls_group_info(s->w.people[VILLAIN].g, true, &info));
    const struct ic_mls_external_join j = {.group_info = ic_buf_view(&info), .replaces = replaces};
    lawless.on = true;
    ic_err e =
        ic_mls_group_join_external(&s->w.config, &s->w.people[who].id, &j, &g, &s->message, NULL);
    lawless = (struct lawless){.s = s};
    if (e == IC_OK)
        ic_mls_group_free(g);
    return e;
}

static void init_twice(struct scene *s, struct ic_mlspub_proposals *list)
{
    *villain_also(s, list, IC_MLS_EXTERNAL_INIT) = *list->items[0].proposal;
}

static void init_never(struct scene *s, struct ic_mlspub_proposals *list)
{
    (void)s;
    list->count = 0;
}

static void two_removes(struct scene *s, struct ic_mlspub_proposals *list)
{
    villain_also(s, list, IC_MLS_REMOVE)->remove = 1;
    villain_also(s, list, IC_MLS_REMOVE)->remove = 2;
}

static void an_add(struct scene *s, struct ic_mlspub_proposals *list)
{
    struct ic_view package;
    struct ic_mlspub_proposal *p = villain_also(s, list, IC_MLS_ADD);
    if (villain_package(s, STRANGER, &(struct package_bend){0}, &package, NULL) != IC_OK ||
        ic_mlspub_key_package_decode(ic_view_sub(package, 4, package.len - 4), NULL, &p->add) !=
            IC_OK)
        list->count--;
}

/* OTHER's Remove of THIRD, which all have seen. */
static void a_reference(struct scene *s, struct ic_mlspub_proposals *list)
{
    const struct ic_mlspub_change_item *item = ic_mls_pending(s->w.people[VILLAIN].g, 0);
    (void)villain_also(s, list, IC_MLS_REMOVE);
    list->items[list->count - 1] = *item;
}

static void leaf_of_stranger(struct scene *s, struct ic_mls_leaf_spec *spec)
{
    spec->signer = s->w.people[STRANGER].signer;
}

static void leaf_with_replaced_key(struct scene *s, struct ic_mls_leaf_spec *spec)
{
    spec->encryption_key = ic_mlspub_tree_key(s->w.people[VILLAIN].g->tree, 4);
}

static ic_err enter_with(struct scene *s,
                         void (*list)(struct scene *s, struct ic_mlspub_proposals *list))
{
    lawless.list = list;
    return enter(s, GUEST, NULL);
}

static ic_err enter_init_twice(struct scene *s)
{
    return enter_with(s, init_twice);
}

static ic_err enter_init_never(struct scene *s)
{
    return enter_with(s, init_never);
}

static ic_err enter_two_removes(struct scene *s)
{
    return enter_with(s, two_removes);
}

static ic_err enter_with_add(struct scene *s)
{
    return enter_with(s, an_add);
}

static ic_err enter_with_reference(struct scene *s)
{
    struct ic_mls_received r;
    IC_TRY(ic_mls_propose_remove(s->w.people[OTHER].g, 2, ic_view(NULL, 0), &s->before));
    IC_TRY(ic_mls_process(s->w.people[VILLAIN].g, ic_buf_view(&s->before), &r));
    ic_mls_received_clear(&r);
    return enter_with(s, a_reference);
}

/* RFC9420-12.4.3.2-3 */
static ic_err enter_under_other_key(struct scene *s)
{
    lawless.leaf = leaf_of_stranger;
    return enter(s, GUEST, NULL);
}

static ic_err resync_with_replaced_key(struct scene *s)
{
    static const uint32_t leaf = 2;
    lawless.leaf = leaf_with_replaced_key;
    return enter(s, THIRD, &leaf);
}

const struct crime crimes_outside[] = {
    {"RFC9420-6.1-3", "an Update by an external sender", external_update, false},
    {"RFC9420-6.1-2", "a commit by an external sender", external_commits, false},
    {"RFC9420-12.1.8-r1", "an external sender who is not listed", external_unlisted, false},
    {"RFC9420-6.1-7", "another key than the external sender's", external_forged, false},
    {"RFC9420-6.1-6", "a Remove by a new member", newcomer_removes, false},
    {"RFC9420-6.1-5", "a commit by who may propose its own Add", newcomer_commits, false},
    {"RFC9420-6.1-4", "a proposal by who may enter by a commit", committer_proposes, false},
    {"RFC9420-12.4.3.2-1", "an external commit without path", committer_without_path, false},
    {"RFC9420-12.2-r10", "an external commit with two ExternalInits", enter_init_twice, false},
    {"RFC9420-12.2-r10", "an external commit without ExternalInit", enter_init_never, false},
    {"RFC9420-12.2-r11", "an external commit with two Removes", enter_two_removes, false},
    {"RFC9420-12.2-r12", "an external commit with an Add", enter_with_add, false},
    {"RFC9420-12.4.3.2-2", "an external commit with a reference", enter_with_reference, false},
    {"RFC9420-12.4.3.2-4", "an external commit signed by another key than its leaf's",
     enter_under_other_key, false},
    {"RFC9420-12.2-3", "a resync that keeps the encryption key", resync_with_replaced_key, false},
    {0},
};
