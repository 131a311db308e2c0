#include "villain.h"

#include "../../../lib/mls/src/member/frame.h"
#include "../../../lib/mls/src/public/tree_internal.h"

#include <ic/mlspub/codec.h>
#include <ic/mlspub/framing.h>
#include <ic/mlspub/label.h>
#include <string.h>
#include <time.h>

struct lawless lawless;

/* ---- the library without its rules: each wrapper stands before the function of its name ---- */

ic_err __real_ic_mlspub_fault_set(struct ic_mlspub_fault *f, ic_err e, const char *rule,
                                  uint32_t offender);
ic_err __wrap_ic_mlspub_fault_set(struct ic_mlspub_fault *f, ic_err e, const char *rule,
                                  uint32_t offender);
void __real_ic_mlspub_proposals_prune(const struct ic_mlspub_rules *r,
                                      const struct ic_mlspub_tree *t,
                                      struct ic_mlspub_proposals *list);
void __wrap_ic_mlspub_proposals_prune(const struct ic_mlspub_rules *r,
                                      const struct ic_mlspub_tree *t,
                                      struct ic_mlspub_proposals *list);
ic_err __real_ic_mlspub_proposals_apply(const struct ic_mlspub_rules *rules,
                                        struct ic_mlspub_proposals *list, struct ic_mlspub_diff *d,
                                        struct ic_arena *a, struct ic_mlspub_outcome *out,
                                        struct ic_mlspub_fault *fault);
ic_err __wrap_ic_mlspub_proposals_apply(const struct ic_mlspub_rules *rules,
                                        struct ic_mlspub_proposals *list, struct ic_mlspub_diff *d,
                                        struct ic_arena *a, struct ic_mlspub_outcome *out,
                                        struct ic_mlspub_fault *fault);
uint32_t __real_ic_mlspub_diff_find_entry(const struct ic_mlspub_diff *d, struct ic_view key,
                                          bool signature);
uint32_t __wrap_ic_mlspub_diff_find_entry(const struct ic_mlspub_diff *d, struct ic_view key,
                                          bool signature);
ic_err __real_ic_mls_leaf_build(const struct ic_mls_leaf_spec *spec, struct ic_buf *out);
ic_err __wrap_ic_mls_leaf_build(const struct ic_mls_leaf_spec *spec, struct ic_buf *out);
ic_err __real_ic_mls_new_path_draw(const struct ic_suite *s, const struct ic_mlspub_diff *d,
                                   uint32_t leaf, const struct ic_rand *rand,
                                   struct ic_mls_new_path *p);
ic_err __wrap_ic_mls_new_path_draw(const struct ic_suite *s, const struct ic_mlspub_diff *d,
                                   uint32_t leaf, const struct ic_rand *rand,
                                   struct ic_mls_new_path *p);
ic_err __real_ic_mls_new_path_write(const struct ic_suite *s, const struct ic_mlspub_diff *d,
                                    const struct ic_mls_new_path *p, struct ic_view context,
                                    const struct ic_rand *rand,
                                    const struct ic_mlspub_executor *exec, struct ic_writer *w);
ic_err __wrap_ic_mls_new_path_write(const struct ic_suite *s, const struct ic_mlspub_diff *d,
                                    const struct ic_mls_new_path *p, struct ic_view context,
                                    const struct ic_rand *rand,
                                    const struct ic_mlspub_executor *exec, struct ic_writer *w);

ic_err __wrap_ic_mlspub_fault_set(struct ic_mlspub_fault *f, ic_err e, const char *rule,
                                  uint32_t offender)
{
    return lawless.on ? IC_OK : __real_ic_mlspub_fault_set(f, e, rule, offender);
}

void __wrap_ic_mlspub_proposals_prune(const struct ic_mlspub_rules *r,
                                      const struct ic_mlspub_tree *t,
                                      struct ic_mlspub_proposals *list)
{
    if (!lawless.on)
        __real_ic_mlspub_proposals_prune(r, t, list);
}

ic_err __wrap_ic_mlspub_proposals_apply(const struct ic_mlspub_rules *rules,
                                        struct ic_mlspub_proposals *list, struct ic_mlspub_diff *d,
                                        struct ic_arena *a, struct ic_mlspub_outcome *out,
                                        struct ic_mlspub_fault *fault)
{
    if (lawless.on && lawless.list)
        lawless.list(lawless.s, list);
    IC_TRY(__real_ic_mlspub_proposals_apply(rules, list, d, a, out, fault));
    if (lawless.on && lawless.no_path)
        out->path_required = false;
    return IC_OK;
}

uint32_t __wrap_ic_mlspub_diff_find_entry(const struct ic_mlspub_diff *d, struct ic_view key,
                                          bool signature)
{
    return lawless.on ? KEYSET_ABSENT : __real_ic_mlspub_diff_find_entry(d, key, signature);
}

ic_err __wrap_ic_mls_leaf_build(const struct ic_mls_leaf_spec *spec, struct ic_buf *out)
{
    struct ic_mls_leaf_spec bent = *spec;
    if (lawless.on && lawless.leaf)
        lawless.leaf(lawless.s, &bent);
    IC_TRY(__real_ic_mls_leaf_build(&bent, out));
    if (lawless.on && lawless.leaf_bytes)
        lawless.leaf_bytes(out);
    return IC_OK;
}

ic_err __wrap_ic_mls_new_path_draw(const struct ic_suite *s, const struct ic_mlspub_diff *d,
                                   uint32_t leaf, const struct ic_rand *rand,
                                   struct ic_mls_new_path *p)
{
    struct ic_kem_pair fresh = p->leaf;
    IC_TRY(__real_ic_mls_new_path_draw(s, d, leaf, rand, p));
    if (lawless.on && lawless.spent_path) {
        *p = lawless.s->spent;
        p->leaf = fresh;
    } else if (lawless.note_path) {
        lawless.s->spent = *p;
    }
    return IC_OK;
}

/* The nodes but for the last, or with the last ciphertext of the first twice. */
static ic_err bend_nodes(struct ic_view encoded, struct ic_writer *w)
{
    IC_ARENA_SCOPE(arena, 1 << 20);
    struct ic_reader r = ic_reader(encoded), list = ic_read_sub(&r, SIZE_MAX);
    struct ic_mlspub_path_node nodes[IC_MLSPUB_DEPTH_MAX];
    struct ic_mlspub_ciphertext secrets[64];
    size_t n = 0;
    while (ic_reader_more(&list))
        ic_mlspub_path_node_read(&list, &arena, &nodes[n++]);
    n -= lawless.short_path;
    if (lawless.extra_secret) {
        memcpy(secrets, nodes[0].secrets, nodes[0].secret_count * sizeof *secrets);
        secrets[nodes[0].secret_count] = secrets[nodes[0].secret_count - 1];
        nodes[0].secrets = secrets;
        nodes[0].secret_count++;
    }
    size_t mark = ic_write_open(w);
    for (size_t i = 0; i < n; i++)
        ic_mlspub_path_node_write(w, &nodes[i]);
    ic_write_close(w, mark);
    return w->err;
}

ic_err __wrap_ic_mls_new_path_write(const struct ic_suite *s, const struct ic_mlspub_diff *d,
                                    const struct ic_mls_new_path *p, struct ic_view context,
                                    const struct ic_rand *rand,
                                    const struct ic_mlspub_executor *exec, struct ic_writer *w)
{
    if (!lawless.short_path && !lawless.extra_secret)
        return __real_ic_mls_new_path_write(s, d, p, context, rand, exec, w);
    IC_BUF_SCOPE(bytes, 1 << 20);
    struct ic_writer inner = ic_writer(&bytes);
    IC_TRY(__real_ic_mls_new_path_write(s, d, p, context, rand, exec, &inner));
    IC_TRY(ic_writer_end(&inner));
    return bend_nodes(ic_buf_view(&bytes), w);
}

/* ---- the scene: villain at leaf 0, two others at 1 and 2, the victim behind them ---- */

ic_err scene_psk(void *ctx, struct ic_view id, struct ic_buf *out)
{
    (void)ctx;
    IC_TRY(ic_buf_append(out, IC_VIEW_STR("the secret of ")));
    return ic_buf_append(out, id);
}

static ic_err anyone(void *ctx, const struct ic_mlspub_leaf_node *leaf,
                     const struct ic_mlspub_leaf_node *former)
{
    (void)ctx;
    (void)leaf;
    (void)former;
    return IC_OK;
}

/* external_senders with one, required_capabilities with one extension and basic credentials. */
static ic_err group_extensions(struct scene *s)
{
    static const uint8_t required[] = {2, OWN_EXTENSION >> 8, OWN_EXTENSION & 0xff, 0, 2,
                                       0, IC_MLS_BASIC};
    IC_BUF_SCOPE(data, 4096);
    struct ic_writer d = ic_writer(&data);
    size_t mark = ic_write_open(&d);
    ic_write_vec(&d, ic_sign_key_public(s->w.people[SENDER].signer));
    ic_write_u16(&d, IC_MLS_BASIC);
    ic_write_vec(&d, IC_VIEW_STR("delivery"));
    ic_write_close(&d, mark);
    IC_TRY(ic_writer_end(&d));
    struct ic_writer w = ic_writer(&s->extensions);
    if (s->foreign.len == 0)
        ic_mlspub_extension_write(&w, IC_MLS_EXT_REQUIRED_CAPABILITIES, IC_VIEW_ARRAY(required));
    ic_mlspub_extension_write(&w, IC_MLS_EXT_EXTERNAL_SENDERS, ic_buf_view(&data));
    return ic_writer_end(&w);
}

static ic_err add_victim(struct scene *s)
{
    struct ic_mls_staged *staged;
    struct person *p = s->w.people;
    if (s->foreign.len == 0)
        IC_TRY(ic_mls_key_package_new(&s->w.config, &p[VICTIM].id, ic_view(NULL, 0), &s->k));
    const struct ic_view add = s->k ? ic_mls_key_package_message(s->k) : s->foreign;
    IC_TRY(ic_mlspub_key_package_decode(ic_view_sub(add, 4, add.len - 4), NULL, &s->victim));
    const struct ic_mls_commit_params params = {.adds = &add, .add_count = 1, .force_path = true};
    lawless.note_path = true;
    ic_err e = ic_mls_commit_create(p[VILLAIN].g, &params, &staged);
    lawless.note_path = false;
    IC_TRY(e);
    for (size_t i = OTHER; i <= THIRD; i++) {
        struct ic_mls_received r;
        IC_TRY(ic_mls_process(p[i].g, ic_mls_staged_commit(staged), &r));
        struct ic_mls_staged *theirs = r.staged;
        r.staged = NULL;
        ic_mls_received_clear(&r);
        IC_TRY(ic_mls_merge(p[i].g, theirs));
    }
    IC_TRY(ic_buf_append(&s->welcome, ic_mls_staged_welcome(staged)));
    return ic_mls_merge(p[VILLAIN].g, staged);
}

ic_err scene_open(struct scene *s, uint16_t suite, struct ic_view foreign)
{
    static const uint8_t own[] = {OWN_EXTENSION >> 8, OWN_EXTENSION & 0xff};
    *s = (struct scene){.foreign = foreign};
    lawless = (struct lawless){.s = s};
    struct ic_buf *const all[] = {&s->extensions, &s->welcome, &s->before, &s->message};
    for (size_t i = 0; i < 4; i++)
        ic_buf_init(all[i], 1 << 20);
    ic_arena_init(&s->arena, 1 << 24);
    IC_TRY(world_init(&s->w, ic_suite_find(suite), 1000u + suite));
    s->w.config.find_psk = scene_psk;
    s->w.config.check_credential = anyone;
    for (size_t i = 0; i < WORLD_MEMBERS; i++)
        s->w.people[i].id.extension_types = IC_VIEW_ARRAY(own);
    if (foreign.len > 0) { /* others have the world's clock */
        s->w.now_s = (uint64_t)time(NULL);
        for (size_t i = 0; i < WORLD_MEMBERS; i++)
            s->w.people[i].id.lifetime =
                (struct ic_mlspub_lifetime){s->w.now_s - 3600, s->w.now_s + 864000};
    }
    IC_TRY(group_extensions(s));
    IC_TRY(world_create_with(&s->w, ic_buf_view(&s->extensions)));
    IC_TRY(world_add(&s->w, VILLAIN, (const size_t[]){OTHER, THIRD, BYSTANDER}, 3));
    IC_TRY(world_update(&s->w, THIRD));
    return add_victim(s);
}

void scene_close(struct scene *s)
{
    ic_mls_key_package_free(s->k);
    ic_buf_clear(&s->extensions);
    ic_buf_clear(&s->welcome);
    ic_buf_clear(&s->before);
    ic_buf_clear(&s->message);
    ic_arena_clear(&s->arena);
    world_clear(&s->w);
}

/* ---- what the villain makes ---- */

ic_err villain_commit(struct scene *s, const struct ic_mls_commit_params *p)
{
    struct ic_mls_staged *staged;
    lawless.on = true;
    ic_err e = ic_mls_commit_create(s->w.people[VILLAIN].g, p, &staged);
    lawless = (struct lawless){.s = s};
    IC_TRY(e);
    e = ic_buf_append(&s->message, ic_mls_staged_commit(staged));
    ic_mls_discard(staged);
    return e;
}

struct ic_mlspub_proposal *villain_also(struct scene *s, struct ic_mlspub_proposals *list,
                                        uint16_t type)
{
    struct ic_mlspub_change_item *items = ic_arena_alloc(&s->arena, list->count + 1, sizeof *items);
    struct ic_mlspub_proposal *p = ic_arena_alloc(&s->arena, 1, sizeof *p);
    if (list->count > 0)
        memcpy(items, list->items, list->count * sizeof *items);
    p->type = type;
    items[list->count++] = (struct ic_mlspub_change_item){
        .sender = list->committer, .proposal = p, .leaf = IC_MLSPUB_NO_LEAF};
    list->items = items;
    return p;
}

struct lists { /* big-endian u16s */
    uint8_t version[2], suite[2], extension[2], credential[2];
};

static void plain_leaf(const struct scene *s, const struct person *p, struct lists *l,
                       struct ic_mlspub_leaf_node *leaf)
{
    ic_store_u16(l->version, IC_MLS_VERSION_1);
    ic_store_u16(l->suite, s->w.suite->id);
    ic_store_u16(l->extension, OWN_EXTENSION);
    ic_store_u16(l->credential, IC_MLS_BASIC);
    leaf->credential = p->id.credential;
    leaf->capabilities = (struct ic_mlspub_capabilities){
        .versions = IC_VIEW_ARRAY(l->version),
        .suites = IC_VIEW_ARRAY(l->suite),
        .extensions = IC_VIEW_ARRAY(l->extension),
        .credentials = IC_VIEW_ARRAY(l->credential),
    };
    leaf->source = IC_MLS_LEAF_KEY_PACKAGE;
    leaf->lifetime = p->id.lifetime;
}

ic_err villain_package(struct scene *s, size_t who, const struct package_bend *b,
                       struct ic_view *message, struct ic_view *leaf)
{
    struct lists lists;
    struct ic_kem_pair init, key;
    struct ic_mlspub_key_package k = {.version = IC_MLS_VERSION_1, .suite = s->w.suite->id};
    const struct ic_sign_key *signer = b->signer ? b->signer : s->w.people[who].signer;
    IC_BUF_SCOPE(leaf_bytes, 65536);
    IC_BUF_SCOPE(bytes, 65536);
    IC_TRY(ic_kem_generate_pair(s->w.suite->kem, &s->w.config.rand, &init));
    IC_TRY(ic_kem_generate_pair(s->w.suite->kem, &s->w.config.rand, &key));
    k.init_key = ic_view(init.public_key, init.public_len);
    k.leaf.encryption_key = ic_view(key.public_key, key.public_len);
    k.leaf.signature_key = ic_sign_key_public(signer);
    plain_leaf(s, &s->w.people[who], &lists, &k.leaf);
    if (b->fields)
        b->fields(s, &k);
    IC_TRY(ic_mlspub_leaf_node_sign(signer, &k.leaf, IC_VIEW_STR("the group"), 5, &leaf_bytes));
    leaf_bytes.p[leaf_bytes.len - 1] ^= b->break_leaf;
    k.leaf.encoded = ic_buf_view(&leaf_bytes);
    if (leaf)
        return ic_arena_copy(&s->arena, k.leaf.encoded, leaf);
    struct ic_writer w = ic_writer(&bytes);
    ic_write_u16(&w, IC_MLS_VERSION_1);
    ic_write_u16(&w, IC_MLS_KEY_PACKAGE);
    IC_TRY(ic_writer_end(&w));
    IC_TRY(ic_mlspub_key_package_sign(signer, &k, &bytes));
    bytes.p[bytes.len - 1] ^= b->break_package;
    return ic_arena_copy(&s->arena, ic_buf_view(&bytes), message);
}

ic_err villain_body(struct scene *s, const struct ic_mlspub_proposal *p, struct ic_view *body)
{
    IC_BUF_SCOPE(bytes, 65536);
    struct ic_writer w = ic_writer(&bytes);
    ic_mlspub_proposal_write(&w, p);
    IC_TRY(ic_writer_end(&w));
    return ic_arena_copy(&s->arena, ic_buf_view(&bytes), body);
}

ic_err villain_frame(struct scene *s, const struct frame *f)
{
    size_t len;
    uint8_t signature[IC_SIG_MAX];
    const struct ic_mls_group *g = s->w.people[VILLAIN].g;
    IC_BUF_SCOPE(content, 1 << 20);
    struct ic_mlspub_authenticated_content a = {
        .wire_format = IC_MLS_PUBLIC_MESSAGE,
        .content = {.group_id = g->now.context.group_id,
                    .epoch = g->now.context.epoch + f->epoch_off,
                    .sender = f->sender,
                    .type = f->type},
        .confirmation_tag = f->tag};
    IC_TRY(ic_mls_frame_encode(&a.content, f->body, &content));
    IC_TRY(ic_mlspub_content_sign(f->key, a.wire_format, &a.content, &g->now.context, signature,
                                  &len));
    signature[len - 1] ^= f->break_signature;
    a.signature = ic_view(signature, len);
    bool member = f->sender.type == IC_MLS_SENDER_MEMBER;
    IC_TRY(ic_mls_public_encode(g->suite, member ? &g->now.secrets.membership : NULL, &a,
                                &g->now.context, &s->message));
    s->message.p[s->message.len - 1] ^= f->break_membership;
    return IC_OK;
}
