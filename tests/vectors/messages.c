#include "vectors.h"

#include "member/state.h"

#include <ic/mlspub/codec.h>

/* Decodes as an MLSMessage and encodes again; encoded views are cleared, so that the fields are used. */
static bool round_message(struct vec *v, const json_t *c, const char *key)
{
    struct ic_mlspub_message m;
    struct ic_view bytes = vec_bytes(v, c, key);
    IC_BUF_SCOPE(b, 16u << 20);
    VEC_OK(v, ic_mlspub_message_decode(bytes, &v->arena, &m));
    if (m.wire_format == IC_MLS_GROUP_INFO)
        m.group_info.encoded = ic_view(NULL, 0);
    if (m.wire_format == IC_MLS_KEY_PACKAGE)
        m.key_package.encoded = m.key_package.leaf.encoded = ic_view(NULL, 0);
    if (m.wire_format == IC_MLS_PUBLIC_MESSAGE)
        m.public_message.auth.content.encoded = ic_view(NULL, 0);
    struct ic_writer w = ic_writer(&b);
    ic_mlspub_message_write(&w, &m);
    if (ic_writer_end(&w) != IC_OK || !ic_view_equal(ic_buf_view(&b), bytes))
        return vec_fail(v, "%s does not round-trip", key);
    return true;
}

/* The file has the proposals without their type. */
static bool round_proposal(struct vec *v, const json_t *c, const char *key, uint16_t type)
{
    struct ic_mlspub_proposal p;
    IC_BUF_SCOPE(in, 16u << 20);
    IC_BUF_SCOPE(out, 16u << 20);
    struct ic_writer w = ic_writer(&in);
    ic_write_u16(&w, type);
    ic_write_bytes(&w, vec_bytes(v, c, key));
    VEC_OK(v, ic_writer_end(&w));
    VEC_OK(v, ic_mlspub_proposal_decode(ic_buf_view(&in), &v->arena, &p));
    p.encoded = ic_view(NULL, 0);
    struct ic_writer again = ic_writer(&out);
    ic_mlspub_proposal_write(&again, &p);
    if (ic_writer_end(&again) != IC_OK || !ic_view_equal(ic_buf_view(&in), ic_buf_view(&out)))
        return vec_fail(v, "%s does not round-trip", key);
    return true;
}

static bool round_commit(struct vec *v, const json_t *c)
{
    struct ic_mlspub_commit commit;
    struct ic_view bytes = vec_bytes(v, c, "commit");
    IC_BUF_SCOPE(b, 16u << 20);
    VEC_OK(v, ic_mlspub_commit_decode(bytes, &v->arena, &commit));
    struct ic_writer w = ic_writer(&b);
    ic_mlspub_commit_write(&w, &commit);
    VEC_OK(v, ic_writer_end(&w));
    VEC_EQUAL(v, ic_buf_view(&b), bytes);
    return true;
}

static bool round_group_secrets(struct vec *v, const json_t *c)
{
    struct ic_mls_group_secrets s;
    struct ic_view bytes = vec_bytes(v, c, "group_secrets");
    IC_BUF_SCOPE(b, 1u << 20);
    VEC_OK(v, ic_mls_group_secrets_decode(bytes, &v->arena, &s));
    struct ic_writer w = ic_writer(&b);
    ic_mls_group_secrets_write(&w, &s);
    VEC_OK(v, ic_writer_end(&w));
    VEC_EQUAL(v, ic_buf_view(&b), bytes);
    return true;
}

/* The tree's nodes: a leaf or parent is optional on the wire. The keys in these vectors fit no suite, so
 * the codec alone reads them, not the tree. */
static void round_node(struct ic_reader *r, struct ic_writer *w)
{
    struct ic_mlspub_leaf_node leaf;
    uint8_t present = ic_read_u8(r);
    ic_write_u8(w, present);
    if (present == 0)
        return;
    uint8_t type = ic_read_u8(r);
    ic_write_u8(w, type);
    if (type == 1) {
        ic_mlspub_leaf_node_read(r, NULL, &leaf);
        if (r->err != IC_OK)
            return;
        leaf.encoded = ic_view(NULL, 0);
        ic_mlspub_leaf_node_write(w, &leaf);
    } else {
        for (int i = 0; i < 3; i++)
            ic_write_vec(w, ic_read_vec(r, 1u << 20));
    }
}

static bool round_tree(struct vec *v, const json_t *c)
{
    struct ic_view bytes = vec_bytes(v, c, "ratchet_tree");
    IC_BUF_SCOPE(b, 16u << 20);
    struct ic_reader r = ic_reader(bytes);
    struct ic_reader nodes = ic_read_sub(&r, 16u << 20);
    VEC_OK(v, ic_reader_end(&r));
    struct ic_writer w = ic_writer(&b);
    size_t mark = ic_write_open(&w);
    while (ic_reader_more(&nodes))
        round_node(&nodes, &w);
    VEC_OK(v, ic_reader_end(&nodes));
    ic_write_close(&w, mark);
    VEC_OK(v, ic_writer_end(&w));
    VEC_EQUAL(v, ic_buf_view(&b), bytes);
    return true;
}

bool run_messages(struct vec *v, const json_t *c)
{
    static const char *const messages[] = {
        "mls_welcome",           "mls_group_info",          "mls_key_package",
        "public_message_commit", "public_message_proposal", "public_message_application",
        "private_message",
    };
    static const struct {
        const char *key;
        uint16_t type;
    } proposals[] = {
        {"add_proposal", IC_MLS_ADD},
        {"update_proposal", IC_MLS_UPDATE},
        {"remove_proposal", IC_MLS_REMOVE},
        {"pre_shared_key_proposal", IC_MLS_PSK},
        {"re_init_proposal", IC_MLS_REINIT},
        {"external_init_proposal", IC_MLS_EXTERNAL_INIT},
        {"group_context_extensions_proposal", IC_MLS_GROUP_CONTEXT_EXTENSIONS},
    };
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++)
        if (!round_message(v, c, messages[i]))
            return false;
    for (size_t i = 0; i < sizeof proposals / sizeof proposals[0]; i++)
        if (!round_proposal(v, c, proposals[i].key, proposals[i].type))
            return false;
    return round_commit(v, c) && round_group_secrets(v, c) && round_tree(v, c);
}
