#include "counters.h"

#include "../../src/member/labels.h"
#include "../../src/member/sealing.h"
#include "../../src/member/state.h"
#include "../../src/public/tree_internal.h"

#include <ic/base/mem.h>

struct counters counters;
uint32_t counters_generation;

void counters_begin(void)
{
    counters = (struct counters){0};
}

void *__real_ic_calloc(size_t n, size_t size);
void *__wrap_ic_calloc(size_t n, size_t size);
void *__real_ic_realloc(void *p, size_t n, size_t size);
void *__wrap_ic_realloc(void *p, size_t n, size_t size);
ic_err __real_ic_verify(enum ic_sig_id id, struct ic_view key, struct ic_view message,
                        struct ic_view sig);
ic_err __wrap_ic_verify(enum ic_sig_id id, struct ic_view key, struct ic_view message,
                        struct ic_view sig);
ic_err __real_ic_mls_sealing_info(const struct ic_suite *s, const char *label,
                                  struct ic_view context, struct ic_hpke_info *out);
ic_err __wrap_ic_mls_sealing_info(const struct ic_suite *s, const char *label,
                                  struct ic_view context, struct ic_hpke_info *out);
ic_err __real_ic_mls_group_info_build(const struct ic_mls_group_info_spec *spec,
                                      struct ic_buf *out);
ic_err __wrap_ic_mls_group_info_build(const struct ic_mls_group_info_spec *spec,
                                      struct ic_buf *out);
ic_err __real_ic_mls_expand_key(const struct ic_hmac_key *prk, struct ic_view label,
                                struct ic_view context, uint8_t *out, size_t len);
ic_err __wrap_ic_mls_expand_key(const struct ic_hmac_key *prk, struct ic_view label,
                                struct ic_view context, uint8_t *out, size_t len);
void __real_ic_mlspub_hash_leaf(const struct ic_suite *s, uint32_t leaf, const struct leaf_rec *l,
                                uint8_t *out);
void __wrap_ic_mlspub_hash_leaf(const struct ic_suite *s, uint32_t leaf, const struct leaf_rec *l,
                                uint8_t *out);
void __real_ic_mlspub_hash_parent(const struct ic_suite *s, const struct parent_rec *p,
                                  const uint8_t *left, const uint8_t *right, uint8_t *out);
void __wrap_ic_mlspub_hash_parent(const struct ic_suite *s, const struct parent_rec *p,
                                  const uint8_t *left, const uint8_t *right, uint8_t *out);

ic_err __real_ic_mls_secret_tree_next(struct ic_mls_secret_tree *t, uint32_t leaf,
                                      enum ic_mls_ratchet_kind kind,
                                      struct ic_mls_message_key *out);
ic_err __wrap_ic_mls_secret_tree_next(struct ic_mls_secret_tree *t, uint32_t leaf,
                                      enum ic_mls_ratchet_kind kind,
                                      struct ic_mls_message_key *out);

ic_err __wrap_ic_mls_secret_tree_next(struct ic_mls_secret_tree *t, uint32_t leaf,
                                      enum ic_mls_ratchet_kind kind, struct ic_mls_message_key *out)
{
    IC_TRY(__real_ic_mls_secret_tree_next(t, leaf, kind, out));
    if (counters_generation)
        out->generation = counters_generation;
    return IC_OK;
}

void *__wrap_ic_calloc(size_t n, size_t size)
{
    counters.blocks++;
    counters.bytes += n * size;
    return __real_ic_calloc(n, size);
}

void *__wrap_ic_realloc(void *p, size_t n, size_t size)
{
    counters.blocks++;
    counters.bytes += n * size;
    return __real_ic_realloc(p, n, size);
}

ic_err __wrap_ic_verify(enum ic_sig_id id, struct ic_view key, struct ic_view message,
                        struct ic_view sig)
{
    counters.verified++;
    return __real_ic_verify(id, key, message, sig);
}

ic_err __wrap_ic_mls_sealing_info(const struct ic_suite *s, const char *label,
                                  struct ic_view context, struct ic_hpke_info *out)
{
    counters.infos++;
    return __real_ic_mls_sealing_info(s, label, context, out);
}

ic_err __wrap_ic_mls_group_info_build(const struct ic_mls_group_info_spec *spec, struct ic_buf *out)
{
    counters.group_infos++;
    return __real_ic_mls_group_info_build(spec, out);
}

ic_err __wrap_ic_mls_expand_key(const struct ic_hmac_key *prk, struct ic_view label,
                                struct ic_view context, uint8_t *out, size_t len)
{
    counters.expanded++;
    return __real_ic_mls_expand_key(prk, label, context, out, len);
}

void __wrap_ic_mlspub_hash_leaf(const struct ic_suite *s, uint32_t leaf, const struct leaf_rec *l,
                                uint8_t *out)
{
    counters.node_hashes++;
    __real_ic_mlspub_hash_leaf(s, leaf, l, out);
}

void __wrap_ic_mlspub_hash_parent(const struct ic_suite *s, const struct parent_rec *p,
                                  const uint8_t *left, const uint8_t *right, uint8_t *out)
{
    counters.node_hashes++;
    __real_ic_mlspub_hash_parent(s, p, left, right, out);
}
