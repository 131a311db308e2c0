/* Commits whose list of proposals breaks a rule: RFC 9420 sections 12.1 and 12.2. RFC9420-12.2-2 */
#include "villain.h"

#include <ic/mlspub/codec.h>
#include <string.h>

static const struct ic_view none;

/* A commit by the villain whose list `list` changes. */
static ic_err with_list(struct scene *s,
                        void (*list)(struct scene *s, struct ic_mlspub_proposals *list))
{
    const struct ic_mls_commit_params p = {.force_path = true};
    lawless.list = list;
    return villain_commit(s, &p);
}

/* ---- Updates and Removes ---- */

static ic_err own_update(struct scene *s)
{
    const struct ic_mls_commit_params p = {.force_path = true};
    IC_TRY(ic_mls_propose_update(s->w.people[VILLAIN].g, NULL, none, &s->before));
    return villain_commit(s, &p);
}

static ic_err commit_removes(struct scene *s, const uint32_t *leaves, size_t n)
{
    const struct ic_mls_commit_params p = {.removes = leaves, .remove_count = n};
    return villain_commit(s, &p);
}

static ic_err remove_self(struct scene *s)
{
    return commit_removes(s, (const uint32_t[]){VILLAIN}, 1);
}

static ic_err remove_blank(struct scene *s)
{
    return commit_removes(s, (const uint32_t[]){6}, 1);
}

static ic_err remove_beyond(struct scene *s)
{
    return commit_removes(s, (const uint32_t[]){4000000000}, 1);
}

static ic_err remove_twice(struct scene *s)
{
    return commit_removes(s, (const uint32_t[]){1, 1}, 2);
}

/* Member OTHER's Update, which the villain has seen, and its Remove. */
static ic_err update_and_remove(struct scene *s)
{
    struct ic_mls_received r;
    IC_TRY(ic_mls_propose_update(s->w.people[OTHER].g, NULL, none, &s->before));
    IC_TRY(ic_mls_process(s->w.people[VILLAIN].g, ic_buf_view(&s->before), &r));
    ic_mls_received_clear(&r);
    return commit_removes(s, (const uint32_t[]){1}, 1);
}

static ic_err without_path(struct scene *s)
{
    lawless.no_path = true;
    return commit_removes(s, (const uint32_t[]){1}, 1);
}

/* ---- Adds ---- */

static ic_err commit_adds(struct scene *s, const struct ic_view *adds, size_t n)
{
    const struct ic_mls_commit_params p = {.adds = adds, .add_count = n};
    return villain_commit(s, &p);
}

static ic_err add_twice(struct scene *s)
{
    struct ic_view add[2];
    IC_TRY(villain_package(s, GUEST, &(struct package_bend){0}, &add[0], NULL));
    add[1] = add[0];
    return commit_adds(s, add, 2);
}

static ic_err add_member(struct scene *s)
{
    struct ic_view add;
    IC_TRY(villain_package(s, OTHER, &(struct package_bend){0}, &add, NULL));
    return commit_adds(s, &add, 1);
}

static void key_of_other(struct scene *s, struct ic_mlspub_key_package *k)
{
    k->leaf.encryption_key = ic_mlspub_tree_key(s->w.people[VILLAIN].g->tree, 2);
}

static ic_err add_with_others_key(struct scene *s)
{
    struct ic_view add;
    IC_TRY(villain_package(s, GUEST, &(struct package_bend){.fields = key_of_other}, &add, NULL));
    return commit_adds(s, &add, 1);
}

/* ---- PSKs ---- */

static const uint8_t nonce[64] = {1, 2, 3};

static void put_psk(struct scene *s, struct ic_mlspub_proposals *list, const char *id)
{
    villain_also(s, list, IC_MLS_PSK)->psk =
        (struct ic_mlspub_psk_id){.type = IC_MLS_PSK_EXTERNAL,
                                  .external_id = ic_view_cstr(id),
                                  .nonce = ic_view(nonce, s->w.suite->hash_len)};
}

static void psk_twice(struct scene *s, struct ic_mlspub_proposals *list)
{
    put_psk(s, list, "known");
    put_psk(s, list, "known");
}

static void psk_unknown(struct scene *s, struct ic_mlspub_proposals *list)
{
    put_psk(s, list, "unheard of");
}

static void psk_short_nonce(struct scene *s, struct ic_mlspub_proposals *list)
{
    put_psk(s, list, "known");
    struct ic_mlspub_change_item *last = &list->items[list->count - 1];
    struct ic_mlspub_proposal *p = ic_arena_alloc(&s->arena, 1, sizeof *p);
    *p = *last->proposal;
    p->psk.nonce.len--;
    last->proposal = p;
}

static void psk_resumption(struct scene *s, struct ic_mlspub_proposals *list, uint8_t usage)
{
    villain_also(s, list, IC_MLS_PSK)->psk =
        (struct ic_mlspub_psk_id){.type = IC_MLS_PSK_RESUMPTION,
                                  .usage = usage,
                                  .group_id = IC_VIEW_STR("the group"),
                                  .epoch = s->w.people[VILLAIN].g->now.context.epoch,
                                  .nonce = ic_view(nonce, s->w.suite->hash_len)};
}

static void psk_reinit(struct scene *s, struct ic_mlspub_proposals *list)
{
    psk_resumption(s, list, IC_MLS_PSK_REINIT);
}

static void psk_branch(struct scene *s, struct ic_mlspub_proposals *list)
{
    psk_resumption(s, list, IC_MLS_PSK_BRANCH);
}

/* ---- the others ---- */

static void same_extensions(struct scene *s, struct ic_mlspub_proposals *list)
{
    villain_also(s, list, IC_MLS_GROUP_CONTEXT_EXTENSIONS)->group_context_extensions =
        ic_buf_view(&s->extensions);
}

static void extensions_twice(struct scene *s, struct ic_mlspub_proposals *list)
{
    same_extensions(s, list);
    same_extensions(s, list);
}

static void put_reinit(struct scene *s, struct ic_mlspub_proposals *list, uint16_t version)
{
    villain_also(s, list, IC_MLS_REINIT)->reinit =
        (struct ic_mlspub_reinit){.group_id = IC_VIEW_STR("the next group"),
                                  .version = version,
                                  .suite = s->w.suite->id,
                                  .extensions = ic_buf_view(&s->extensions)};
}

static void reinit_and_psk(struct scene *s, struct ic_mlspub_proposals *list)
{
    put_reinit(s, list, IC_MLS_VERSION_1);
    put_psk(s, list, "known");
}

static void reinit_back(struct scene *s, struct ic_mlspub_proposals *list)
{
    put_reinit(s, list, 0);
}

static void external_init(struct scene *s, struct ic_mlspub_proposals *list)
{
    static const uint8_t kem_output[256] = {4, 9};
    villain_also(s, list, IC_MLS_EXTERNAL_INIT)->external_init =
        ic_view(kem_output, s->w.suite->kem_public_len);
}

static void unsupported(struct scene *s, struct ic_mlspub_proposals *list)
{
    villain_also(s, list, 0xf456)->unknown = IC_VIEW_STR("\3abc");
}

/* The committer supports what its new list of extensions asks for; the others do not. */
static ic_err commit_extensions(struct scene *s, uint16_t type, struct ic_view data)
{
    static const uint8_t types[] = {OWN_EXTENSION >> 8, OWN_EXTENSION & 0xff, 0xf9, 0x99};
    struct ic_mls_identity id = s->w.people[VILLAIN].id;
    IC_BUF_SCOPE(list, 4096);
    id.extension_types = IC_VIEW_ARRAY(types);
    struct ic_writer w = ic_writer(&list);
    ic_mlspub_extension_write(&w, type, data);
    IC_TRY(ic_writer_end(&w));
    const struct ic_mls_commit_params p = {
        .set_extensions = true, .extensions = ic_buf_view(&list), .identity = &id};
    return villain_commit(s, &p);
}

static ic_err capability_of_none(struct scene *s)
{
    static const uint8_t required[] = {2, 0xf9, 0x99, 0, 0};
    return commit_extensions(s, IC_MLS_EXT_REQUIRED_CAPABILITIES, IC_VIEW_ARRAY(required));
}

static ic_err extension_of_none(struct scene *s)
{
    return commit_extensions(s, 0xf999, IC_VIEW_STR("x"));
}

static void nothing_known(struct scene *s, struct ic_mlspub_proposals *list)
{
    static const uint8_t ref[64] = {9};
    (void)villain_also(s, list, IC_MLS_PSK);
    list->items[list->count - 1].ref = ic_view(ref, s->w.suite->hash_len);
    struct ic_mlspub_proposal *p = ic_arena_alloc(&s->arena, 1, sizeof *p);
    p->type = IC_MLS_PSK;
    p->psk = (struct ic_mlspub_psk_id){.type = IC_MLS_PSK_EXTERNAL,
                                       .external_id = IC_VIEW_STR("known"),
                                       .nonce = ic_view(nonce, s->w.suite->hash_len)};
    list->items[list->count - 1].proposal = p;
}

#define LIST_CRIME(name, list)                                                                     \
    static ic_err name(struct scene *s)                                                            \
    {                                                                                              \
        return with_list(s, list);                                                                 \
    }

LIST_CRIME(commit_psk_twice, psk_twice)
LIST_CRIME(commit_psk_unknown, psk_unknown)
LIST_CRIME(commit_psk_short_nonce, psk_short_nonce)
LIST_CRIME(commit_psk_reinit, psk_reinit)
LIST_CRIME(commit_psk_branch, psk_branch)
LIST_CRIME(commit_extensions_twice, extensions_twice)
LIST_CRIME(commit_reinit_and_psk, reinit_and_psk)
LIST_CRIME(commit_reinit_back, reinit_back)
LIST_CRIME(commit_external_init, external_init)
LIST_CRIME(commit_unsupported, unsupported)
LIST_CRIME(commit_nothing_known, nothing_known)

const struct crime crimes_list[] = {
    {"RFC9420-12.2-r1", "the committer's own Update, by reference", own_update, false},
    {"RFC9420-12.2-r2", "a Remove of the committer", remove_self, false},
    {"RFC9420-12.1.3-r1", "a Remove of a blank leaf", remove_blank, false},
    {"RFC9420-12.1.3-r1", "a Remove of a leaf beyond the tree", remove_beyond, false},
    {"RFC9420-12.2-r3", "two Removes of one leaf", remove_twice, false},
    {"RFC9420-12.2-r3", "an Update and a Remove of one leaf", update_and_remove, false},
    {"RFC9420-12.4-3", "a Remove without a path", without_path, false},
    {"RFC9420-12.2-r4", "the same key package in two Adds", add_twice, false},
    {"RFC9420-12.2-r5", "an Add of a member's signature key", add_member, false},
    {"RFC9420-7.3-r6", "an Add with a member's encryption key", add_with_others_key, false},
    {"RFC9420-12.2-r6", "one PreSharedKeyID twice", commit_psk_twice, false},
    {"RFC9420-12.4.2-r2", "a PSK that the receiver does not know", commit_psk_unknown, false},
    {"RFC9420-12.1.4-r1", "a psk_nonce one byte short", commit_psk_short_nonce, false},
    {"RFC9420-11.2-5", "a resumption PSK with usage reinit", commit_psk_reinit, false},
    {"RFC9420-11.3-6", "a resumption PSK with usage branch", commit_psk_branch, false},
    {"RFC9420-12.2-r7", "two GroupContextExtensions", commit_extensions_twice, false},
    {"RFC9420-12.2-r8", "a ReInit with a PSK", commit_reinit_and_psk, false},
    {"RFC9420-12.1.5-r1", "a ReInit to version 0", commit_reinit_back, false},
    {"RFC9420-12.2-r9", "an ExternalInit by a member", commit_external_init, false},
    {"RFC9420-13.2-1", "a proposal type that nobody supports", commit_unsupported, false},
    {"RFC9420-12.1.7-r1", "a required extension that others lack", capability_of_none, false},
    {"RFC9420-13.4-10", "a group extension that others lack", extension_of_none, false},
    {"RFC9420-12.4-r1", "a reference to no proposal", commit_nothing_known, false},
    {0},
};
