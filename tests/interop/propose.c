/* Proposals of members, and descriptions of proposals. */
#include "interop.h"

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <ic/mlspub/codec.h>
#include <string.h>

/* Remembers what was proposed by its message: a Commit names its proposals by their messages. */
static ic_err note_seen(struct thing *t, struct ic_view message, struct ic_view ref)
{
    struct seen *s = ic_new(struct seen);
    if (!s)
        return IC_ERR_NOMEM;
    ic_buf_init(&s->message, MESSAGE_MAX_BYTES);
    ic_buf_init(&s->ref, IC_HASH_MAX);
    s->next = t->seen;
    t->seen = s;
    IC_TRY(ic_buf_append(&s->message, message));
    return ic_buf_append(&s->ref, ref);
}

static struct ic_view newest_ref(const struct ic_mls_group *g)
{
    return ic_mls_pending(g, ic_mls_pending_count(g) - 1)->ref;
}

static const struct seen *find_seen(const struct thing *t, struct ic_view message)
{
    const struct seen *s = t->seen;
    while (s && !ic_view_equal(ic_buf_view(&s->message), message))
        s = s->next;
    return s;
}

ic_err state_take_proposal(struct call *c, struct thing *t, struct ic_view message,
                           struct ic_view *ref)
{
    struct ic_mls_received r;
    const struct seen *known = find_seen(t, message);
    if (!known) {
        IC_TRY(ic_mls_process(t->group, message, &r));
        bool pending = r.kind == IC_MLS_RECEIVED_PROPOSAL;
        ic_mls_received_clear(&r);
        if (!pending)
            return refuse(c, IC_ERR_ARG, "a proposal is not one, or is not of this epoch");
        IC_TRY(note_seen(t, message, newest_ref(t->group)));
        known = t->seen;
    }
    *ref = ic_buf_view(&known->ref);
    return IC_OK;
}

static ic_err answer_proposal(struct call *c, struct thing *t, const struct ic_buf *message)
{
    IC_TRY(note_seen(t, ic_buf_view(message), newest_ref(t->group)));
    answer_bytes(c, "proposal", ic_buf_view(message));
    return IC_OK;
}

ic_err rpc_add_proposal(struct call *c)
{
    IC_BUF_SCOPE(out, MESSAGE_MAX_BYTES);
    struct thing *t = thing_field(c, "state_id", STATE);
    struct ic_view key_package = field_bytes(c, c->in, "key_package");
    IC_TRY(c->err);
    IC_TRY(ic_mls_propose_add(t->group, key_package, ic_view(NULL, 0), &out));
    return answer_proposal(c, t, &out);
}

ic_err rpc_update_proposal(struct call *c)
{
    IC_BUF_SCOPE(out, MESSAGE_MAX_BYTES);
    struct thing *t = thing_field(c, "state_id", STATE);
    IC_TRY(c->err);
    IC_TRY(ic_mls_propose_update(t->group, NULL, ic_view(NULL, 0), &out));
    return answer_proposal(c, t, &out);
}

ic_err rpc_remove_proposal(struct call *c)
{
    uint32_t leaf;
    IC_BUF_SCOPE(out, MESSAGE_MAX_BYTES);
    struct thing *t = thing_field(c, "state_id", STATE);
    struct ic_view removed = field_bytes(c, c->in, "removed_id");
    IC_TRY(c->err);
    if (state_find_member(t->group, removed, &leaf) != IC_OK)
        return refuse(c, IC_ERR_NOT_FOUND, "removed_id: no member has this identity");
    IC_TRY(ic_mls_propose_remove(t->group, leaf, ic_view(NULL, 0), &out));
    return answer_proposal(c, t, &out);
}

static ic_err propose_psk(struct call *c, struct thing *t, const struct ic_mlspub_psk_id *psk)
{
    IC_BUF_SCOPE(out, MESSAGE_MAX_BYTES);
    IC_TRY(c->err);
    IC_TRY(ic_mls_propose_psk(t->group, psk, ic_view(NULL, 0), &out));
    return answer_proposal(c, t, &out);
}

ic_err rpc_external_psk_proposal(struct call *c)
{
    struct thing *t = thing_field(c, "state_id", STATE);
    const struct ic_mlspub_psk_id psk = {.type = IC_MLS_PSK_EXTERNAL,
                                         .external_id = field_bytes(c, c->in, "psk_id")};
    return propose_psk(c, t, &psk);
}

ic_err rpc_resumption_psk_proposal(struct call *c)
{
    struct thing *t = thing_field(c, "state_id", STATE);
    const struct ic_mlspub_psk_id psk = {.type = IC_MLS_PSK_RESUMPTION,
                                         .usage = IC_MLS_PSK_APPLICATION,
                                         .epoch = field_number(c, c->in, "epoch_id", INT64_MAX)};
    return propose_psk(c, t, &psk);
}

ic_err rpc_extensions_proposal(struct call *c)
{
    IC_BUF_SCOPE(out, MESSAGE_MAX_BYTES);
    struct thing *t = thing_field(c, "state_id", STATE);
    struct ic_view extensions = field_extensions(c, c->in);
    IC_TRY(c->err);
    IC_TRY(ic_mls_propose_extensions(t->group, extensions, ic_view(NULL, 0), &out));
    return answer_proposal(c, t, &out);
}

ic_err rpc_reinit_proposal(struct call *c)
{
    IC_BUF_SCOPE(out, MESSAGE_MAX_BYTES);
    struct thing *t = thing_field(c, "state_id", STATE);
    const struct ic_suite *suite = field_suite(c);
    struct ic_mls_reinit r = {.group_id = field_bytes(c, c->in, "group_id"),
                              .extensions = field_extensions(c, c->in)};
    IC_TRY(c->err);
    r.suite = suite->id;
    IC_TRY(ic_mls_propose_reinit(t->group, &r, ic_view(NULL, 0), &out));
    return answer_proposal(c, t, &out);
}

/* The external_senders of a group with one more, as the whole new list of its extensions. */
static ic_err with_sender(struct ic_view extensions, struct ic_view sender, struct ic_buf *out)
{
    uint16_t type;
    struct ic_view data = {0};
    struct ic_writer w = ic_writer(out);
    IC_BUF_SCOPE(senders, MESSAGE_MAX_BYTES);
    struct ic_reader r = ic_reader(extensions);
    while (ic_mlspub_extensions_next(&r, &type, &data))
        if (type != IC_MLS_EXT_EXTERNAL_SENDERS)
            ic_mlspub_extension_write(&w, type, data);
    if (ic_mlspub_extensions_find(extensions, IC_MLS_EXT_EXTERNAL_SENDERS, &data)) {
        struct ic_reader old = ic_reader(data);
        IC_TRY(ic_buf_append(&senders, ic_read_vec(&old, data.len)));
    }
    IC_TRY(ic_buf_append(&senders, sender));
    IC_BUF_SCOPE(list, MESSAGE_MAX_BYTES);
    struct ic_writer lw = ic_writer(&list);
    ic_write_vec(&lw, ic_buf_view(&senders));
    IC_TRY(ic_writer_end(&lw));
    IC_TRY(ic_mlspub_external_senders_check(ic_buf_view(&list)));
    ic_mlspub_extension_write(&w, IC_MLS_EXT_EXTERNAL_SENDERS, ic_buf_view(&list));
    return ic_writer_end(&w);
}

ic_err rpc_add_external_signer(struct call *c)
{
    IC_BUF_SCOPE(out, MESSAGE_MAX_BYTES);
    IC_BUF_SCOPE(extensions, MESSAGE_MAX_BYTES);
    struct thing *t = thing_field(c, "state_id", STATE);
    struct ic_view sender = field_bytes(c, c->in, "external_sender");
    IC_TRY(c->err);
    IC_TRY(with_sender(ic_mls_context(t->group)->extensions, sender, &extensions));
    IC_TRY(ic_mls_propose_extensions(t->group, ic_buf_view(&extensions), ic_view(NULL, 0), &out));
    return answer_proposal(c, t, &out);
}

/* ---- ProposalDescription ---- */

static const struct {
    const char *name;
    enum description_kind kind;
    uint8_t psk_type;
} kinds[] = {
    {"add", D_ADD, 0},
    {"remove", D_REMOVE, 0},
    {"externalPSK", D_PSK, IC_MLS_PSK_EXTERNAL},
    {"resumptionPSK", D_PSK, IC_MLS_PSK_RESUMPTION},
    {"groupContextExtensions", D_EXTENSIONS, 0},
    {"reinit", D_REINIT, 0},
};

/* proposal_type is bytes, so base64; the bare word, which is no base64 of any of these, is taken too. */
static size_t find_kind(const char *text)
{
    IC_BUF_SCOPE(bytes, 64);
    if (strlen(text) > 64)
        return IC_ARRAY_LEN(kinds);
    bool decodes = ic_base64_decode(IC_BASE64_STD, ic_view_cstr(text), &bytes) == IC_OK;
    for (size_t i = 0; i < IC_ARRAY_LEN(kinds); i++)
        if (strcmp(text, kinds[i].name) == 0 ||
            (decodes && ic_view_equal(ic_buf_view(&bytes), ic_view_cstr(kinds[i].name))))
            return i;
    return IC_ARRAY_LEN(kinds);
}

ic_err description_read(struct call *c, const json_t *in, struct description *out)
{
    const char *type = json_string_value(json_object_get(in, "proposal_type"));
    size_t i = type ? find_kind(type) : IC_ARRAY_LEN(kinds);
    if (i == IC_ARRAY_LEN(kinds))
        return refuse(c, IC_ERR_UNSUPPORTED, "unsupported: proposal_type of this kind");
    *out = (struct description){
        .kind = kinds[i].kind,
        .key_package = field_bytes(c, in, "key_package"),
        .removed_id = field_bytes(c, in, "removed_id"),
        .extensions = field_extensions(c, in),
        .psk = {.type = kinds[i].psk_type,
                .external_id = field_bytes(c, in, "psk_id"),
                .usage = IC_MLS_PSK_APPLICATION,
                .epoch = field_number(c, in, "epoch_id", INT64_MAX)},
        .reinit = {.group_id = field_bytes(c, in, "group_id"),
                   .suite = (uint16_t)field_number(c, in, "cipher_suite", UINT16_MAX)}};
    out->reinit.extensions = out->extensions;
    return c->err;
}
