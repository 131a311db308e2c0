/* What our leaf says of itself, what a group's context holds, and opening a group. */
#include "internal.h"
#include <ic/mlspub/codec.h>
#include <string.h>

void ic_meeting_setup_identity(const struct ic_meeting *m, struct setup *s)
{
    *s = (struct setup){0};
    ic_store_u16(s->extension_types, IC_WIRE_EXT_TERMS);
    ic_store_u16(s->extension_types + 2, IC_WIRE_EXT_WEB_CLIENT);
    ic_store_u16(s->extension_types + 4, IC_WIRE_EXT_LOG_STAPLE);
    uint64_t now_s = m->now_ms / 1000;
    s->identity = (struct ic_mls_identity){
        .suite = m->suite,
        .signer = m->config.identity,
        .credential_types = ic_rules_credential_types(),
        .extension_types = IC_VIEW_ARRAY(s->extension_types),
        .leaf_extensions = ic_buf_view(&m->leaf_extensions),
        .lifetime = {now_s - 3600, now_s + LIFETIME_S},
    };
    IC_IGNORE(ic_meeting_identity_own(m, &s->identity.credential)); /* looked at when m was made */
}

/* What the entry that runs was told: each sets it before it does anything else. */
static uint64_t clock_now_s(void *ctx)
{
    const struct ic_meeting *m = ctx;
    return m->now_ms / 1000;
}

struct ic_mls_config ic_meeting_setup_config(struct ic_meeting *m)
{
    return (struct ic_mls_config){.rand = m->config.rand,
                                  .clock = {clock_now_s, m},
                                  .check_credential = ic_rules_check_credential,
                                  .data_with_pending = true,
                                  .limits = {.max_message = IC_WIRE_MAX},
                                  .padding = 64};
}

static ic_err required_capabilities(struct ic_buf *out)
{
    uint8_t extensions[2];
    ic_store_u16(extensions, IC_WIRE_EXT_TERMS);
    struct ic_writer w = ic_writer(out);
    ic_write_vec(&w, IC_VIEW_ARRAY(extensions));
    ic_write_vec(&w, ic_view(NULL, 0));
    ic_write_vec(&w, ic_rules_credential_types());
    return ic_writer_end(&w);
}

/* RFC 9420 section 12.1.8.1: the server's key, for Removes of the absent. */
static ic_err external_senders(struct ic_view key, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    size_t list = ic_write_open(&w);
    ic_write_vec(&w, key);
    ic_write_u16(&w, IC_MLS_BASIC);
    ic_write_vec(&w, IC_VIEW_STR("server"));
    ic_write_close(&w, list);
    return ic_writer_end(&w);
}

ic_err ic_meeting_setup_extensions(const struct ic_meeting *m, struct ic_view terms,
                                   struct ic_buf *out)
{
    IC_BUF_SCOPE(required, 64);
    IC_BUF_SCOPE(senders, 1024);
    IC_TRY(required_capabilities(&required));
    struct ic_writer w = ic_writer(out);
    ic_mlspub_extension_write(&w, IC_MLS_EXT_REQUIRED_CAPABILITIES, ic_buf_view(&required));
    if (m->external_sender.len) {
        IC_TRY(external_senders(ic_buf_view(&m->external_sender), &senders));
        ic_mlspub_extension_write(&w, IC_MLS_EXT_EXTERNAL_SENDERS, ic_buf_view(&senders));
    }
    ic_mlspub_extension_write(&w, IC_WIRE_EXT_TERMS, terms);
    return ic_writer_end(&w);
}

static ic_err create(struct ic_meeting *m, struct ic_wire_frame *f, struct ic_buf *info,
                     struct ic_buf *tree, struct ic_buf *admission)
{
    struct setup s;
    uint8_t id[32];
    IC_BUF_SCOPE(extensions, 1 << 20);
    struct ic_mls_config config = ic_meeting_setup_config(m);
    ic_meeting_setup_identity(m, &s);
    IC_TRY(ic_rand_fill(&m->config.rand, id, sizeof id));
    IC_TRY(ic_meeting_setup_extensions(m, ic_buf_view(&m->first_terms), &extensions));
    ic_meeting_group_drop(m);
    IC_TRY(ic_meeting_set_buf(&m->group_id, IC_VIEW_ARRAY(id)));
    IC_TRY(ic_mls_group_create(&config, &s.identity, IC_VIEW_ARRAY(id), ic_buf_view(&extensions),
                               &m->group));
    IC_TRY(ic_mls_group_info(m->group, false, info));
    IC_TRY(ic_mls_tree(m->group, tree));
    IC_TRY(ic_meeting_admission_data(m, admission));
    *f = (struct ic_wire_frame){
        .type = IC_WIRE_CREATE_GROUP,
        .create_group = {ic_buf_view(info), ic_buf_view(tree), ic_buf_view(admission)}};
    return IC_OK;
}

void ic_meeting_setup_create_group(struct ic_meeting *m)
{
    struct ic_wire_frame f;
    const char *lacks = ic_meeting_verified_own_lacks(m);
    IC_BUF_SCOPE(info, IC_WIRE_MAX);
    IC_BUF_SCOPE(tree, IC_WIRE_MAX);
    IC_BUF_SCOPE(admission, IC_WIRE_ADMISSION_MAX);
    if (lacks[0]) {
        ic_meeting_verified_refused(m, lacks);
        return;
    }
    ic_err e = create(m, &f, &info, &tree, &admission);
    if (e != IC_OK) {
        ic_meeting_group_drop(m);
        ic_meeting_end_meeting(m, "group-not-made",
                               "The meeting's group could not be made on this device.");
        return;
    }
    m->creating = true;
    ic_meeting_send_request(m, &f, REQ_CREATE, 0);
}

void ic_meeting_setup_created(struct ic_meeting *m, bool ok)
{
    struct ic_mls_group *g = m->group;
    if (!m->creating)
        return;
    m->creating = false;
    m->group = NULL;
    if (!ok) {
        ic_mls_group_free(g);
        ic_buf_reset(&m->group_id);
        return;
    }
    m->committer = ic_mls_own_leaf(g);
    ic_meeting_group_adopt(m, g, 0, ic_meeting_commit_time(m));
    m->in_step = true;
}
