#include "vectors.h"

#include "member/private_message.h"
#include "member/secret_tree.h"

#include <string.h>

static bool check_sender_data(struct vec *v, const struct ic_suite *s, const json_t *sd)
{
    IC_SECRET_SCOPE(secret);
    struct ic_mls_message_key k;
    VEC_OK(v, ic_secret_set(&secret, vec_bytes(v, sd, "sender_data_secret")));
    VEC_OK(v, ic_mls_sender_data_key(s, &secret, vec_bytes(v, sd, "ciphertext"), &k));
    VEC_EQUAL(v, ic_view(k.key, s->aead_key_len), vec_bytes(v, sd, "key"));
    VEC_EQUAL(v, ic_view(k.nonce, s->aead_nonce_len), vec_bytes(v, sd, "nonce"));
    return true;
}

static bool check_key(struct vec *v, const struct ic_suite *s, struct ic_mls_secret_tree *t,
                      uint32_t leaf, enum ic_mls_ratchet_kind kind, const json_t *g)
{
    const char *key = kind == IC_MLS_HANDSHAKE_RATCHET ? "handshake_key" : "application_key";
    const char *nonce = kind == IC_MLS_HANDSHAKE_RATCHET ? "handshake_nonce" : "application_nonce";
    uint32_t generation = (uint32_t)vec_int(g, "generation");
    struct ic_mls_key_use use;
    VEC_OK(v, ic_mls_secret_tree_find(t, leaf, kind, generation, &use));
    bool same = ic_view_equal(ic_view(use.key.key, s->aead_key_len), vec_bytes(v, g, key)) &&
                ic_view_equal(ic_view(use.key.nonce, s->aead_nonce_len), vec_bytes(v, g, nonce));
    ic_mls_secret_tree_consume(t, &use);
    VEC_CHECK(v, same);
    /* RFC 9420 section 9.2: a used key is gone. */
    VEC_CHECK(v, ic_mls_secret_tree_find(t, leaf, kind, generation, &use) == IC_ERR_REPLAY);
    return true;
}

static bool check_leaves(struct vec *v, const struct ic_suite *s, struct ic_mls_secret_tree *t,
                         const json_t *leaves)
{
    size_t leaf, i;
    json_t *generations, *g;
    json_array_foreach(leaves, leaf, generations) json_array_foreach(
        generations, i,
        g) for (int kind = 0; kind < 2;
                kind++) if (!check_key(v, s, t, (uint32_t)leaf, (enum ic_mls_ratchet_kind)kind,
                                       g)) return false;
    return true;
}

bool run_secret_tree(struct vec *v, const json_t *c)
{
    const struct ic_suite *s = vec_suite(v, c);
    if (!s || !check_sender_data(v, s, json_object_get(c, "sender_data")))
        return false;
    const json_t *leaves = json_object_get(c, "leaves");
    uint32_t slots = 1;
    while (slots < json_array_size(leaves))
        slots *= 2;
    IC_SECRET_SCOPE(secret);
    struct ic_mls_secret_tree *t;
    VEC_OK(v, ic_secret_set(&secret, vec_bytes(v, c, "encryption_secret")));
    VEC_OK(v, ic_mls_secret_tree_new(s, slots, &secret, 1024, 1024, &t));
    bool passed = check_leaves(v, s, t, leaves);
    ic_mls_secret_tree_free(t);
    return passed;
}
