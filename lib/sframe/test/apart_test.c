/* The AEAD done by somebody else: here by ic/crypto, with the key that the store gives out. */
#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/crypto/aead.h>
#include <ic/sframe/apart.h>
#include <string.h>

static void clear(struct ic_sframe_store **s)
{
    ic_sframe_store_free(*s);
}

#define STORE(name, suite)                                                                         \
    IC_CLEANUP(clear) struct ic_sframe_store *name = NULL;                                         \
    CHECK_OK(ic_sframe_store_new(suite, &name))

static ic_err add(struct ic_sframe_store *s, uint64_t epoch, uint32_t leaf, const uint32_t *removed,
                  uint64_t now_ms)
{
    uint8_t base[32];
    memset(base, (int)epoch, sizeof base);
    struct ic_sframe_epoch e = {.epoch = epoch,
                                .leaf_slots = 8,
                                .own_leaf = leaf,
                                .base_key = ic_view(base, 16),
                                .removed = removed,
                                .removed_len = removed ? 1 : 0,
                                .may_send = true};
    return ic_sframe_store_add_epoch(s, &e, now_ms);
}

struct frame {
    uint8_t b[64];
    size_t len;
};

static ic_err seal(struct ic_sframe_store *s, uint32_t context, struct frame *f)
{
    IC_SECRET_SCOPE(key);
    struct ic_sframe_sealing a;
    struct ic_view plain = IC_VIEW_STR("frame");
    IC_TRY(ic_sframe_store_seal_begin(s, context, &a));
    IC_TRY(ic_sframe_store_seal_key(s, context, &key));
    memcpy(f->b, a.header, a.header_len);
    f->len = a.header_len + plain.len + IC_AEAD_TAG_LEN;
    return ic_aead_seal_once(IC_AES_128_GCM, ic_secret_view(&key), IC_VIEW_ARRAY(a.nonce),
                             ic_view(a.header, a.header_len), plain, f->b + a.header_len);
}

static ic_err decrypt(const struct ic_sframe_store *s, const struct frame *f,
                      const struct ic_sframe_opening *o)
{
    IC_SECRET_SCOPE(key);
    uint8_t out[64];
    IC_TRY(ic_sframe_store_open_key(s, o, &key));
    return ic_aead_open_once(IC_AES_128_GCM, ic_secret_view(&key), IC_VIEW_ARRAY(o->nonce),
                             ic_view(f->b, o->header_len),
                             ic_view(f->b + o->header_len, f->len - o->header_len), out);
}

static ic_err open(struct ic_sframe_store *s, const struct frame *f, uint64_t now_ms)
{
    struct ic_sframe_opening o;
    IC_TRY(ic_sframe_store_open_begin(s, ic_view(f->b, f->len), now_ms, &o));
    IC_TRY(decrypt(s, f, &o));
    return ic_sframe_store_open_end(s, &o, now_ms);
}

static ic_err open_here(struct ic_sframe_store *s, const struct frame *f)
{
    uint8_t out[64];
    size_t len;
    struct ic_sframe_from from;
    return ic_sframe_store_unprotect(s, ic_view(NULL, 0), ic_view(f->b, f->len), 0, out, &len,
                                     &from);
}

static ic_err seal_here(struct ic_sframe_store *s, struct frame *f)
{
    return ic_sframe_store_protect(s, 1, ic_view(NULL, 0), IC_VIEW_STR("frame"), f->b, &f->len);
}

#define PAIR(a, b)                                                                                 \
    STORE(a, 4);                                                                                   \
    STORE(b, 4);                                                                                   \
    CHECK_OK(add(a, 5, 3, NULL, 0));                                                               \
    CHECK_OK(add(b, 5, 1, NULL, 0))

TEST(apart_and_here_are_one_stream)
{
    PAIR(ana, ben);
    struct frame f[6];
    for (int i = 0; i < 6; i++) /* one counter for both ways of sealing */
        CHECK_OK(i % 2 ? seal_here(ana, &f[i]) : seal(ana, 1, &f[i]));
    for (int i = 0; i < 6; i++) {
        CHECK_OK(i < 3 ? open(ben, &f[i], 0) : open_here(ben, &f[i]));
        CHECK_ERR(open(ben, &f[i], 0), IC_ERR_REPLAY);
        CHECK_ERR(open_here(ben, &f[i]), IC_ERR_REPLAY);
    }
}

TEST(apart_marks_nothing_before_it_has_authenticated)
{
    PAIR(ana, ben);
    struct frame f, changed;
    struct ic_sframe_opening o;
    CHECK_OK(seal(ana, 1, &f));
    changed = f;
    changed.b[changed.len - 1] ^= 1;
    CHECK_OK(ic_sframe_store_open_begin(ben, ic_view(changed.b, changed.len), 0, &o));
    CHECK_EQ_INT(o.from.leaf, 3);
    CHECK_EQ_INT(o.from.context, 1);
    CHECK_ERR(decrypt(ben, &changed, &o), IC_ERR_AUTH);
    CHECK_OK(open(ben, &f, 0));
}

TEST(apart_takes_of_two_at_once_the_first)
{
    PAIR(ana, ben);
    struct frame f;
    struct ic_sframe_opening one, two;
    CHECK_OK(seal(ana, 1, &f));
    CHECK_OK(ic_sframe_store_open_begin(ben, ic_view(f.b, f.len), 0, &one));
    CHECK_OK(ic_sframe_store_open_begin(ben, ic_view(f.b, f.len), 0, &two));
    CHECK_OK(ic_sframe_store_open_end(ben, &two, 0));
    CHECK_ERR(ic_sframe_store_open_end(ben, &one, 0), IC_ERR_REPLAY);
}

TEST(apart_refuses_who_was_removed_meanwhile)
{
    PAIR(ana, ben);
    struct frame f;
    struct ic_sframe_opening o;
    uint32_t removed = 3;
    CHECK_OK(seal(ana, 1, &f));
    CHECK_OK(ic_sframe_store_open_begin(ben, ic_view(f.b, f.len), 0, &o));
    CHECK_OK(add(ben, 6, 1, &removed, 0));
    CHECK_ERR(ic_sframe_store_open_end(ben, &o, 0), IC_ERR_EXPIRED);
    CHECK_ERR(ic_sframe_store_open_begin(ben, ic_view(f.b, f.len), 0, &o), IC_ERR_EXPIRED);
}

TEST(apart_refuses_an_epoch_that_ended_meanwhile)
{
    PAIR(ana, ben);
    struct frame f;
    struct ic_sframe_opening o;
    IC_SECRET_SCOPE(key);
    CHECK_OK(seal(ana, 1, &f));
    CHECK_OK(ic_sframe_store_open_begin(ben, ic_view(f.b, f.len), 0, &o));
    CHECK_OK(add(ben, 5 + 256, 1, NULL, 0)); /* the same low bits */
    CHECK_ERR(ic_sframe_store_open_key(ben, &o, &key), IC_ERR_EXPIRED);
    CHECK_ERR(ic_sframe_store_open_end(ben, &o, 0), IC_ERR_EXPIRED);
    ic_sframe_store_tick(ben, IC_SFRAME_GRACE_MS);
    CHECK_ERR(ic_sframe_store_open_end(ben, &o, 0), IC_ERR_EXPIRED);
}

TEST(apart_refuses_what_is_no_frame)
{
    PAIR(ana, ben);
    STORE(empty, 4);
    STORE(ctr, 1);
    struct frame f;
    struct ic_sframe_opening o;
    struct ic_sframe_sealing a;
    IC_SECRET_SCOPE(key);
    CHECK_OK(seal(ana, 1, &f));
    for (size_t n = 0; n < f.len - 5; n++)
        CHECK(ic_sframe_store_open_begin(ben, ic_view(f.b, n), 0, &o) != IC_OK);
    CHECK_ERR(ic_sframe_store_open_begin(ana, ic_view(f.b, f.len), 0, &o), IC_ERR_OWN_ECHO);
    CHECK_ERR(ic_sframe_store_open_begin(empty, ic_view(f.b, f.len), 0, &o), IC_ERR_UNKNOWN_KEY);
    CHECK_ERR(ic_sframe_store_open_begin(ctr, ic_view(f.b, f.len), 0, &o), IC_ERR_UNSUPPORTED);
    CHECK_ERR(ic_sframe_store_seal_begin(empty, 1, &a), IC_ERR_STATE);
    CHECK_ERR(ic_sframe_store_seal_begin(ana, IC_SFRAME_CONTEXTS, &a), IC_ERR_RANGE);
    CHECK_ERR(ic_sframe_store_seal_begin(ctr, 1, &a), IC_ERR_UNSUPPORTED);
    CHECK_ERR(ic_sframe_store_seal_key(empty, 1, &key), IC_ERR_STATE);
    CHECK_ERR(ic_sframe_store_seal_key(ana, IC_SFRAME_CONTEXTS, &key), IC_ERR_RANGE);
}
