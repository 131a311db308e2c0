/* The working group's vectors that public data suffices for. */
#include "forget.h"
#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/base/text.h>
#include <ic/base/vectors.h>
#include <ic/crypto/hash.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/framing.h>
#include <ic/mlspub/label.h>
#include <ic/mlspub/tree.h>
#include <string.h>

static void json_free(json_t **j)
{
    json_decref(*j);
}
#define VECTORS(name, file)                                                                        \
    IC_CLEANUP(json_free) json_t *name = ic_test_vectors_load("mls/" file);                        \
    if (!(name))                                                                                   \
    SKIP("no vectors")

#define HEX(buf, object, key)                                                                      \
    IC_BUF_SCOPE(buf, 1 << 24);                                                                    \
    CHECK_OK(ic_test_json_bytes(object, key, &(buf)))

static void tree_free(struct ic_mlspub_tree **t)
{
    ic_mlspub_tree_free(*t);
}
#define TREE_SCOPE IC_CLEANUP(tree_free) struct ic_mlspub_tree *

/* null in the vector where the node has no such relative. */
static void check_relative(json_t *v, bool exists, uint32_t got)
{
    if (json_is_null(v))
        CHECK(!exists);
    else
        CHECK(exists && (json_int_t)got == json_integer_value(v));
}

static void tree_math_case(json_t *c)
{
    uint32_t size = (uint32_t)json_integer_value(json_object_get(c, "n_leaves"));
    uint32_t nodes = ic_mlspub_node_count(size), root = ic_mlspub_node_root(size);
    CHECK_EQ_INT(nodes, json_integer_value(json_object_get(c, "n_nodes")));
    CHECK_EQ_INT(root, json_integer_value(json_object_get(c, "root")));
    for (uint32_t x = 0; x < nodes; x++) {
        bool parent = !ic_mlspub_node_is_leaf(x);
        check_relative(json_array_get(json_object_get(c, "left"), x), parent,
                       parent ? ic_mlspub_node_left(x) : 0);
        check_relative(json_array_get(json_object_get(c, "right"), x), parent,
                       parent ? ic_mlspub_node_right(x) : 0);
        check_relative(json_array_get(json_object_get(c, "parent"), x), x != root,
                       ic_mlspub_node_parent(x));
        check_relative(json_array_get(json_object_get(c, "sibling"), x), x != root,
                       ic_mlspub_node_sibling(x));
    }
}

TEST(vectors_tree_math)
{
    VECTORS(all, "tree-math.json");
    size_t i;
    json_t *c;
    json_array_foreach(all, i, c) tree_math_case(c);
}

TEST(vectors_deserialization)
{
    VECTORS(all, "deserialization.json");
    size_t i;
    json_t *c;
    json_array_foreach(all, i, c)
    {
        HEX(header, c, "vlbytes_header");
        struct ic_reader r = ic_reader(ic_buf_view(&header));
        CHECK_EQ_INT(ic_read_varint(&r), ic_test_json_int(c, "length"));
        CHECK_OK(ic_reader_end(&r));
    }
}

static void crypto_basics_case(json_t *c)
{
    const struct ic_suite *s = ic_suite_find((uint16_t)ic_test_json_int(c, "cipher_suite"));
    if (!s)
        return;
    json_t *ref = json_object_get(c, "ref_hash"), *sign = json_object_get(c, "sign_with_label");
    HEX(value, ref, "value");
    HEX(want, ref, "out");
    uint8_t out[IC_HASH_MAX];
    ic_mlspub_ref_hash(s->hash, json_string_value(json_object_get(ref, "label")),
                       ic_buf_view(&value), out);
    CHECK_BYTES(ic_view(out, s->hash_len), ic_buf_view(&want));

    HEX(private_key, sign, "priv");
    HEX(public_key, sign, "pub");
    HEX(content, sign, "content");
    HEX(signature, sign, "signature");
    const char *label = json_string_value(json_object_get(sign, "label"));
    CHECK_OK(ic_mlspub_verify_with_label(s->sig, ic_buf_view(&public_key), label,
                                         ic_buf_view(&content), ic_buf_view(&signature)));
    struct ic_sign_key *key;
    CHECK_OK(ic_sign_key_import(s->sig, ic_buf_view(&private_key), &key));
    uint8_t sig[IC_SIG_MAX];
    size_t len = 0;
    ic_err e = ic_mlspub_sign_with_label(key, label, ic_buf_view(&content), sig, &len);
    ic_sign_key_free(key);
    CHECK_OK(e);
    CHECK_OK(ic_mlspub_verify_with_label(s->sig, ic_buf_view(&public_key), label,
                                         ic_buf_view(&content), ic_view(sig, len)));
    CHECK_ERR(ic_mlspub_verify_with_label(s->sig, ic_buf_view(&public_key), "Other",
                                          ic_buf_view(&content), ic_view(sig, len)),
              IC_ERR_SIGNATURE);
}

TEST(vectors_crypto_basics)
{
    VECTORS(all, "crypto-basics.json");
    size_t i;
    json_t *c;
    json_array_foreach(all, i, c) crypto_basics_case(c);
}

static void transcript_case(json_t *c)
{
    const struct ic_suite *s = ic_suite_find((uint16_t)ic_test_json_int(c, "cipher_suite"));
    if (!s)
        return;
    HEX(content, c, "authenticated_content");
    HEX(key, c, "confirmation_key");
    HEX(before, c, "interim_transcript_hash_before");
    HEX(confirmed, c, "confirmed_transcript_hash_after");
    HEX(interim, c, "interim_transcript_hash_after");
    IC_ARENA_SCOPE(arena, 1 << 20);
    struct ic_mlspub_authenticated_content a;
    CHECK_OK(ic_mlspub_authenticated_content_decode(ic_buf_view(&content), &arena, &a));
    CHECK_EQ_INT(a.content.type, IC_MLS_COMMIT);
    uint8_t got[IC_HASH_MAX], tag[IC_HASH_MAX], next[IC_HASH_MAX];
    ic_mlspub_confirmed_hash(s, ic_buf_view(&before), &a, got);
    CHECK_BYTES(ic_view(got, s->hash_len), ic_buf_view(&confirmed));
    ic_hmac_once(s->hash, ic_buf_view(&key), ic_view(got, s->hash_len), tag);
    CHECK_BYTES(ic_view(tag, s->hash_len), a.confirmation_tag);
    ic_mlspub_interim_hash(s, ic_view(got, s->hash_len), a.confirmation_tag, next);
    CHECK_BYTES(ic_view(next, s->hash_len), ic_buf_view(&interim));
}

TEST(vectors_transcript_hashes)
{
    VECTORS(all, "transcript-hashes.json");
    size_t i;
    json_t *c;
    json_array_foreach(all, i, c) transcript_case(c);
}

static ic_err apply_one(struct ic_mlspub_diff *d, const struct ic_mlspub_proposal *p,
                        uint32_t sender)
{
    uint32_t leaf;
    if (p->type == IC_MLS_ADD)
        return ic_mlspub_diff_add(d, &p->add.leaf, &leaf);
    if (p->type == IC_MLS_UPDATE)
        return ic_mlspub_diff_update(d, sender, &p->update);
    return ic_mlspub_diff_remove(d, p->remove);
}

static void tree_operations_case(json_t *c)
{
    const struct ic_suite *s = ic_suite_find((uint16_t)ic_test_json_int(c, "cipher_suite"));
    HEX(before, c, "tree_before");
    HEX(after, c, "tree_after");
    HEX(hash_before, c, "tree_hash_before");
    HEX(hash_after, c, "tree_hash_after");
    HEX(proposal, c, "proposal");
    struct ic_mlspub_proposal p;
    CHECK_OK(ic_mlspub_proposal_decode(ic_buf_view(&proposal), NULL, &p));
    TREE_SCOPE t = NULL;
    CHECK_OK(ic_mlspub_tree_decode(s, ic_buf_view(&before), 0, NULL, &t));
    CHECK_BYTES(ic_mlspub_tree_hash(t), ic_buf_view(&hash_before));
    struct ic_mlspub_diff *d;
    CHECK_OK(ic_mlspub_diff_new(t, &d));
    CHECK_OK(apply_one(d, &p, (uint32_t)ic_test_json_int(c, "proposal_sender")));
    CHECK_OK(ic_mlspub_diff_seal(d));
    CHECK_BYTES(ic_mlspub_diff_tree_hash(d), ic_buf_view(&hash_after));
    IC_BUF_SCOPE(staged, 1 << 20);
    CHECK_OK(ic_mlspub_diff_encode(d, &staged));
    CHECK_BYTES(ic_buf_view(&staged), ic_buf_view(&after));
    ic_mlspub_diff_merge(t, d);
    CHECK_BYTES(ic_mlspub_tree_hash(t), ic_buf_view(&hash_after));
    IC_BUF_SCOPE(merged, 1 << 20);
    CHECK_OK(ic_mlspub_tree_encode(t, &merged));
    CHECK_BYTES(ic_buf_view(&merged), ic_buf_view(&after));
}

/* RFC9420-12.4.3.3-1 */
TEST(vectors_tree_operations)
{
    VECTORS(all, "tree-operations.json");
    size_t i;
    json_t *c;
    json_array_foreach(all, i, c) tree_operations_case(c);
}

static void check_resolution(const struct ic_mlspub_tree *t, uint32_t node, json_t *want)
{
    IC_ARENA_SCOPE(arena, 1 << 20);
    const uint32_t *nodes;
    size_t n;
    CHECK_OK(ic_mlspub_tree_resolution(t, node, &arena, &nodes, &n));
    CHECK_EQ_INT(n, json_array_size(want));
    for (size_t i = 0; i < n; i++)
        CHECK_EQ_INT(nodes[i], json_integer_value(json_array_get(want, i)));
}

static void tree_validation_case(json_t *c)
{
    const struct ic_suite *s = ic_suite_find((uint16_t)ic_test_json_int(c, "cipher_suite"));
    if (!s)
        return;
    HEX(bytes, c, "tree");
    HEX(group_id, c, "group_id");
    TREE_SCOPE t = NULL;
    CHECK_OK(ic_mlspub_tree_decode(s, ic_buf_view(&bytes), 0, NULL, &t));
    uint32_t nodes = ic_mlspub_node_count(ic_mlspub_tree_size(t));
    json_t *hashes = json_object_get(c, "tree_hashes");
    CHECK_EQ_INT(nodes, json_array_size(hashes));
    for (uint32_t i = 0; i < nodes; i++) {
        CHECK_HEX(ic_mlspub_tree_node_hash(t, i), json_string_value(json_array_get(hashes, i)));
        check_resolution(t, i, json_array_get(json_object_get(c, "resolutions"), i));
    }
    CHECK_OK(ic_mlspub_tree_validate(t, ic_buf_view(&group_id), NULL, NULL));
    IC_BUF_SCOPE(again, 1 << 20);
    CHECK_OK(ic_mlspub_tree_encode(t, &again));
    CHECK_BYTES(ic_buf_view(&again), ic_buf_view(&bytes));
}

/* RFC9420-7.8-1 */
TEST(vectors_tree_validation)
{
    VECTORS(all, "tree-validation.json");
    size_t i;
    json_t *c;
    json_array_foreach(all, i, c)
    {
        tree_validation_case(c);
        if (ic_test_failed())
            return;
    }
}

/* ---- messages: decode, and write again from the fields alone ---- */

static void check_message(json_t *c, const char *name, uint16_t format)
{
    HEX(bytes, c, name);
    IC_ARENA_SCOPE(arena, 1 << 22);
    struct ic_mlspub_message m;
    CHECK_OK(ic_mlspub_message_decode(ic_buf_view(&bytes), &arena, &m));
    CHECK_EQ_INT(m.wire_format, format);
    CHECK(forget_message(&m, &arena));
    IC_BUF_SCOPE(again, 1 << 22);
    struct ic_writer w = ic_writer(&again);
    ic_mlspub_message_write(&w, &m);
    CHECK_OK(ic_writer_end(&w));
    CHECK_BYTES(ic_buf_view(&again), ic_buf_view(&bytes));
}

/* The vectors hold the bodies of proposals, without the type. */
static void check_proposal(json_t *c, const char *name, uint16_t type)
{
    HEX(body, c, name);
    IC_BUF_SCOPE(bytes, 1 << 22);
    struct ic_writer w = ic_writer(&bytes);
    ic_write_u16(&w, type);
    ic_write_bytes(&w, ic_buf_view(&body));
    CHECK_OK(ic_writer_end(&w));
    struct ic_mlspub_proposal p;
    CHECK_OK(ic_mlspub_proposal_decode(ic_buf_view(&bytes), NULL, &p));
    forget_proposal(&p);
    IC_BUF_SCOPE(again, 1 << 22);
    w = ic_writer(&again);
    ic_mlspub_proposal_write(&w, &p);
    CHECK_OK(ic_writer_end(&w));
    CHECK_BYTES(ic_buf_view(&again), ic_buf_view(&bytes));
}

static void check_commit(json_t *c)
{
    HEX(bytes, c, "commit");
    IC_ARENA_SCOPE(arena, 1 << 22);
    struct ic_mlspub_commit commit;
    CHECK_OK(ic_mlspub_commit_decode(ic_buf_view(&bytes), &arena, &commit));
    CHECK(forget_commit(&commit, &arena));
    IC_BUF_SCOPE(again, 1 << 22);
    struct ic_writer w = ic_writer(&again);
    ic_mlspub_commit_write(&w, &commit);
    CHECK_OK(ic_writer_end(&w));
    CHECK_BYTES(ic_buf_view(&again), ic_buf_view(&bytes));
}

/* The vector does not say the suite: one of them decodes it. */
static void check_tree(json_t *c)
{
    HEX(bytes, c, "ratchet_tree");
    ic_err e = IC_ERR_NOT_FOUND;
    for (size_t i = 0; e != IC_OK && ic_suite_at(i); i++) {
        TREE_SCOPE t = NULL;
        e = ic_mlspub_tree_decode(ic_suite_at(i), ic_buf_view(&bytes), 0, NULL, &t);
        if (e != IC_OK)
            continue;
        IC_BUF_SCOPE(again, 1 << 22);
        CHECK_OK(ic_mlspub_tree_encode(t, &again));
        CHECK_BYTES(ic_buf_view(&again), ic_buf_view(&bytes));
    }
    CHECK_OK(e);
}

static void messages_case(json_t *c)
{
    check_message(c, "mls_welcome", IC_MLS_WELCOME);
    check_message(c, "mls_group_info", IC_MLS_GROUP_INFO);
    check_message(c, "mls_key_package", IC_MLS_KEY_PACKAGE);
    check_message(c, "public_message_application", IC_MLS_PUBLIC_MESSAGE);
    check_message(c, "public_message_proposal", IC_MLS_PUBLIC_MESSAGE);
    check_message(c, "public_message_commit", IC_MLS_PUBLIC_MESSAGE);
    check_message(c, "private_message", IC_MLS_PRIVATE_MESSAGE);
    check_proposal(c, "add_proposal", IC_MLS_ADD);
    check_proposal(c, "update_proposal", IC_MLS_UPDATE);
    check_proposal(c, "remove_proposal", IC_MLS_REMOVE);
    check_proposal(c, "pre_shared_key_proposal", IC_MLS_PSK);
    check_proposal(c, "re_init_proposal", IC_MLS_REINIT);
    check_proposal(c, "external_init_proposal", IC_MLS_EXTERNAL_INIT);
    check_proposal(c, "group_context_extensions_proposal", IC_MLS_GROUP_CONTEXT_EXTENSIONS);
    check_commit(c);
    check_tree(c);
}

TEST(vectors_messages)
{
    VECTORS(all, "messages.json");
    size_t i;
    json_t *c;
    json_array_foreach(all, i, c)
    {
        messages_case(c);
        if (ic_test_failed())
            return;
    }
}
