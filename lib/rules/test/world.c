#include "world.h"
#include <ic/mlspub/codec.h>
#include <ic/mlspub/label.h>
#include <string.h>

struct ic_view key_of(const struct world *w, int who)
{
    return ic_sign_key_public(w->key[who]);
}

static ic_err leaf_at(const void *ctx, uint32_t leaf, struct ic_mlspub_leaf_node *out)
{
    const struct world *w = ctx;
    if (leaf >= LEAVES)
        return IC_ERR_NOT_FOUND;
    *out = w->leaf[leaf];
    return IC_OK;
}

static const struct ic_mlspub_change_item *item_at(const void *ctx, size_t i)
{
    return &((const struct world *)ctx)->item[i];
}

void make_extensions(struct ic_buf *out, struct ic_view terms, struct ic_view external_senders)
{
    struct ic_writer w = ic_writer(out);
    ic_mlspub_extension_write(&w, IC_WIRE_EXT_TERMS, terms);
    ic_mlspub_extension_write(&w, IC_MLS_EXT_EXTERNAL_SENDERS, external_senders);
    CHECK_OK(ic_writer_end(&w));
}

void world_set_terms(struct world *w, struct ic_view terms)
{
    ic_buf_reset(&w->extensions);
    make_extensions(&w->extensions, terms, IC_VIEW_STR("the server"));
    w->context.extensions = ic_buf_view(&w->extensions);
}

static void sign_first_terms(struct world *w)
{
    IC_BUF_SCOPE(hosts, 1000);
    CHECK_OK(ic_wire_list_add(&hosts, key_of(w, ORGANISER)));
    CHECK_OK(ic_wire_list_add(&hosts, key_of(w, COHOST)));
    struct ic_wire_terms t = {.version = 1,
                              .meeting_id = IC_VIEW_STR("0123456789abcdef"),
                              .kind = IC_WIRE_INSTANT,
                              .suite = 1,
                              .sframe_suite = 4,
                              .admission = IC_WIRE_HOST_ADMITS,
                              .hosts = ic_buf_view(&hosts),
                              .seq = 1,
                              .meeting_key = key_of(w, METER)};
    CHECK_OK(ic_rules_terms_sign(&t, NULL, w->key[METER], &w->terms));
    world_set_terms(w, ic_buf_view(&w->terms));
}

void world_open(struct world *w)
{
    static const char *const names[LEAVES] = {"Olga", "Carl", "Gus"};
    struct ic_rand rand = ic_test_rand(&w->rand, 7);
    ic_buf_init(&w->terms, 1 << 20);
    ic_buf_init(&w->extensions, 1 << 20);
    ic_buf_init(&w->data, 1 << 20);
    for (int i = 0; i < KEYS; i++)
        CHECK_OK(ic_sign_key_generate(IC_ED25519, &rand, &w->key[i]));
    for (int i = 0; i < LEAVES; i++)
        w->leaf[i] = (struct ic_mlspub_leaf_node){
            .signature_key = key_of(w, i), .credential = {IC_MLS_BASIC, ic_view_cstr(names[i])}};
    w->context = (struct ic_mlspub_group_context){
        .version = 1, .suite = 1, .group_id = IC_VIEW_STR("group"), .epoch = 3};
    sign_first_terms(w);
    w->group = (struct ic_rules_group){&w->context, leaf_at, w, 1000, IC_VIEW_STR("join secret")};
    w->change = (struct ic_rules_change){
        .is_commit = true, .item = item_at, .ctx = w, .context = &w->context};
    commit_by(w, GUEST);
    set_data(w, 2000, ic_view(NULL, 0), ic_view(NULL, 0));
}

void world_close(struct world *w)
{
    for (int i = 0; i < KEYS; i++)
        ic_sign_key_free(w->key[i]);
    ic_buf_clear(&w->terms);
    ic_buf_clear(&w->extensions);
    ic_buf_clear(&w->data);
}

struct ic_wire_terms world_terms(const struct world *w)
{
    struct ic_wire_terms t = {0};
    IC_IGNORE(ic_wire_terms_decode(ic_buf_view(&w->terms), &t));
    return t;
}

void world_resign(struct world *w, const struct ic_wire_terms *t, int who)
{
    IC_BUF_SCOPE(next, 1 << 20);
    struct ic_wire_terms former = world_terms(w);
    CHECK_OK(ic_rules_terms_sign(t, who == METER ? NULL : &former, w->key[who], &next));
    ic_buf_move(&w->terms, &next);
    world_set_terms(w, ic_buf_view(&w->terms));
}

struct ic_mlspub_proposal *propose(struct world *w, uint32_t by, uint16_t type)
{
    size_t n = w->change.count++;
    w->proposal[n] = (struct ic_mlspub_proposal){.type = type};
    w->item[n] = (struct ic_mlspub_change_item){.sender = {IC_MLS_SENDER_MEMBER, by},
                                                .proposal = &w->proposal[n],
                                                .leaf = IC_MLSPUB_NO_LEAF};
    return &w->proposal[n];
}

struct ic_mlspub_proposal *propose_add(struct world *w, uint32_t by)
{
    struct ic_mlspub_proposal *p = propose(w, by, IC_MLS_ADD);
    p->add.encoded = IC_VIEW_STR("the stranger's key package");
    p->add.leaf.signature_key = key_of(w, STRANGER);
    p->add.leaf.credential = (struct ic_mlspub_credential){IC_MLS_BASIC, IC_VIEW_STR("Sam")};
    return p;
}

void commit_by(struct world *w, uint32_t leaf)
{
    w->change.sender = (struct ic_mlspub_sender){IC_MLS_SENDER_MEMBER, leaf};
    w->change.committer = leaf;
}

void set_data(struct world *w, uint64_t time_ms, struct ic_view tickets, struct ic_view proofs)
{
    struct ic_wire_commit_data d = {1, time_ms, tickets, proofs};
    ic_buf_reset(&w->data);
    CHECK_OK(ic_wire_commit_data_encode(&d, &w->data));
    w->change.authenticated_data = ic_buf_view(&w->data);
}

void stranger_ref(const struct world *w, uint8_t out[32])
{
    (void)w;
    ic_mlspub_key_package_ref(ic_suite_find(1), IC_VIEW_STR("the stranger's key package"), out);
}

bool judged(struct world *w, const char *rule, const char *file, int line)
{
    w->fault = (struct ic_rules_fault){"", IC_MLSPUB_NO_LEAF};
    ic_err e = ic_rules_judge(&w->group, &w->change, &w->fault);
    if ((e == IC_OK) == (rule[0] == '\0') && strcmp(w->fault.rule, rule) == 0)
        return true;
    ic_test_fail(file, line, "judged %s \"%s\", not \"%s\"", ic_err_name(e), w->fault.rule, rule);
    return false;
}
