/* What a state tells, and application messages. */
#include "interop.h"

#include <ic/base/mem.h>

enum { EXPORT_MAX = 255 * IC_HASH_MAX }; /* RFC 5869 section 2.3 */

ic_err state_find_member(const struct ic_mls_group *g, struct ic_view identity, uint32_t *leaf)
{
    for (uint32_t i = 0; i < ic_mls_leaf_count(g); i++) {
        struct ic_mlspub_leaf_node l;
        if (ic_mls_leaf(g, i, &l) == IC_OK && l.credential.type == IC_MLS_BASIC &&
            ic_view_equal(l.credential.identity, identity)) {
            *leaf = i;
            return IC_OK;
        }
    }
    return IC_ERR_NOT_FOUND;
}

ic_err rpc_group_info(struct call *c)
{
    IC_BUF_SCOPE(info, MESSAGE_MAX_BYTES);
    IC_BUF_SCOPE(tree, MESSAGE_MAX_BYTES);
    const struct thing *t = thing_field(c, "state_id", STATE);
    bool external_tree = field_bool(c, "external_tree");
    IC_TRY(c->err);
    c->group = NULL; /* what only looks meets no rule, and leaves an older one standing */
    IC_TRY(ic_mls_group_info(t->group, !external_tree, &info));
    if (external_tree)
        IC_TRY(ic_mls_tree(t->group, &tree));
    answer_bytes(c, "group_info", ic_buf_view(&info));
    answer_bytes(c, "ratchet_tree", ic_buf_view(&tree));
    return IC_OK;
}

ic_err rpc_state_auth(struct call *c)
{
    const struct thing *t = thing_field(c, "state_id", STATE);
    IC_TRY(c->err);
    answer_bytes(c, "state_auth_secret", ic_mls_epoch_authenticator(t->group));
    return IC_OK;
}

ic_err rpc_export(struct call *c)
{
    const struct thing *t = thing_field(c, "state_id", STATE);
    const char *label = field_text(c, "label");
    struct ic_view context = field_bytes(c, c->in, "context");
    uint32_t length = field_u32(c, "key_length");
    IC_TRY(c->err);
    if (length > EXPORT_MAX)
        return refuse(c, IC_ERR_RANGE, "key_length: longer than an exported secret can be");
    c->group = NULL;
    uint8_t *key = ic_arena_alloc(&c->arena, 1, length + 1u);
    if (!key)
        return IC_ERR_NOMEM;
    IC_TRY(ic_mls_export(t->group, label, context, key, length));
    answer_bytes(c, "exported_secret", ic_view(key, length));
    return IC_OK;
}

ic_err rpc_protect(struct call *c)
{
    IC_BUF_SCOPE(message, MESSAGE_MAX_BYTES);
    const struct thing *t = thing_field(c, "state_id", STATE);
    struct ic_view data = field_bytes(c, c->in, "plaintext");
    struct ic_view with = field_bytes(c, c->in, "authenticated_data");
    IC_TRY(c->err);
    IC_TRY(ic_mls_protect(t->group, data, with, &message));
    answer_bytes(c, "ciphertext", ic_buf_view(&message));
    return IC_OK;
}

ic_err rpc_unprotect(struct call *c)
{
    struct ic_mls_received r;
    const struct thing *t = thing_field(c, "state_id", STATE);
    struct ic_view message = field_bytes(c, c->in, "ciphertext");
    IC_TRY(c->err);
    IC_TRY(ic_mls_process(t->group, message, &r));
    ic_err e = IC_OK;
    if (r.kind == IC_MLS_RECEIVED_APPLICATION) {
        answer_bytes(c, "authenticated_data", ic_buf_view(&r.authenticated_data));
        answer_bytes(c, "plaintext", ic_buf_view(&r.application));
    } else {
        e = refuse(c, IC_ERR_ARG, "ciphertext: not an application message of another member");
    }
    ic_mls_received_clear(&r);
    return e;
}

ic_err rpc_store_psk(struct call *c)
{
    uint32_t id = field_u32(c, "state_or_transaction_id");
    struct ic_view psk_id = field_bytes(c, c->in, "psk_id");
    struct ic_view secret = field_bytes(c, c->in, "psk_secret");
    IC_TRY(c->err);
    struct thing *t = thing_find(c->things, id);
    if (!t || (t->kind != STATE && t->kind != TRANSACTION))
        return refuse(c, IC_ERR_NOT_FOUND, "there is no state or transaction %u", id);
    return thing_add_psk(t, psk_id, secret);
}
