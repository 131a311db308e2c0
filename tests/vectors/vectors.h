/* Running the published MLS vectors: one function a file format, one call of it a case.
 *
 *     bool run_psk_secret(struct vec *v, const json_t *c)
 *     {
 *         struct ic_view want = vec_bytes(v, c, "psk_secret");
 *         ...
 *         VEC_EQUAL(v, got, want);
 *         return true;
 *     }
 */
#ifndef TESTS_VECTORS_H
#define TESTS_VECTORS_H

#include <ic/base/arena.h>
#include <ic/base/err.h>
#include <ic/base/rand.h>
#include <ic/crypto/sign.h>
#include <ic/crypto/suite.h>
#include <jansson.h>

struct vec {
    struct ic_arena arena; /* of one case */
    bool skipped;
    char why[200]; /* of a failure or a skip */
};

/* Each gives true where the case passes; else v->why says what was wrong, and v->skipped may be set. */
bool run_tree_math(struct vec *v, const json_t *c);
bool run_deserialization(struct vec *v, const json_t *c);
bool run_crypto_basics(struct vec *v, const json_t *c);
bool run_secret_tree(struct vec *v, const json_t *c);
bool run_message_protection(struct vec *v, const json_t *c);
bool run_key_schedule(struct vec *v, const json_t *c);
bool run_psk_secret(struct vec *v, const json_t *c);
bool run_transcript_hashes(struct vec *v, const json_t *c);
bool run_welcome(struct vec *v, const json_t *c);
bool run_tree_operations(struct vec *v, const json_t *c);
bool run_tree_validation(struct vec *v, const json_t *c);
bool run_treekem(struct vec *v, const json_t *c);
bool run_messages(struct vec *v, const json_t *c);
bool run_passive_client(struct vec *v, const json_t *c);

/* The bytes of a hex string, living as long as the case; empty where the member is null or absent. */
struct ic_view vec_bytes(struct vec *v, const json_t *o, const char *key);
struct ic_view vec_hex(struct vec *v, const json_t *string);
uint64_t vec_int(const json_t *o, const char *key);
/* The case's suite; NULL and a skip where this build lacks it. */
const struct ic_suite *vec_suite(struct vec *v, const json_t *c);
/* A signature key; these files write ECDSA's scalars without their leading zeros. */
ic_err vec_sign_key(const struct ic_suite *s, struct ic_view private_key, struct ic_sign_key **out);
/* Notes the failure; always false. */
__attribute__((format(printf, 2, 3))) bool vec_fail(struct vec *v, const char *format, ...);

#define VEC_CHECK(v, cond)                                                                         \
    do {                                                                                           \
        if (!(cond))                                                                               \
            return vec_fail((v), "%s:%d: %s", __FILE_NAME__, __LINE__, #cond);                     \
    } while (0)
#define VEC_OK(v, call)                                                                            \
    do {                                                                                           \
        ic_err vec_e_ = (call);                                                                    \
        if (vec_e_ != IC_OK)                                                                       \
            return vec_fail((v), "%s:%d: %s: %s", __FILE_NAME__, __LINE__, #call,                  \
                            ic_err_name(vec_e_));                                                  \
    } while (0)
#define VEC_EQUAL(v, a, b)                                                                         \
    do {                                                                                           \
        if (!ic_view_equal((a), (b)))                                                              \
            return vec_fail((v), "%s:%d: %s differs from %s", __FILE_NAME__, __LINE__, #a, #b);    \
    } while (0)

#endif
