/* A secret that memory has deleted is in none of the database's files after the next save. */
#include "place.h"
#include "steps.h"

#include <sqlite3.h>
#include <string.h>

enum {
    SECRET_LEN = 12,
    MAGIC = 4
}; /* of each secret this much is searched for: an AEAD nonce's length */

/* Beginnings of secrets, at multiples of SECRET_LEN. */
static ic_err take_vec(struct ic_reader *r, struct ic_buf *out)
{
    struct ic_view v = ic_read_vec(r, 65536);
    return r->err == IC_OK && v.len >= SECRET_LEN
               ? ic_buf_append(out, ic_view_sub(v, 0, SECRET_LEN))
               : r->err;
}

/* docs/mls-state.md */
static ic_err take_secrets(uint8_t kind, struct ic_view value, struct ic_buf *out)
{
    struct ic_reader r = ic_reader(value), list;
    switch (kind) {
    case 2: /* the group: eight secrets behind the context */
        (void)ic_read_bytes(&r, 9);
        (void)ic_read_vec(&r, 65536);
        for (int i = 0; i < 8; i++)
            IC_TRY(take_vec(&r, out));
        return IC_OK;
    case 4: /* private keys */
        IC_TRY(take_vec(&r, out));
        list = ic_read_sub(&r, 65536);
        while (ic_reader_more(&list)) {
            (void)ic_read_u32(&list);
            IC_TRY(take_vec(&list, out));
        }
        return IC_OK;
    case 5: /* a past epoch: sender data secret */
        (void)ic_read_vec(&r, 65536);
        return take_vec(&r, out);
    case 7:
        (void)ic_read_u32(&r);
        return take_vec(&r, out);
    case 8:
        IC_TRY(take_vec(&r, out));
        return take_vec(&r, out);
    case 6:
    case 9:
    case 11:
        return take_vec(&r, out);
    default:
        return IC_OK;
    }
}

static ic_err secrets_of(const struct ic_mls_group *g, struct ic_buf *out)
{
    SECRET_SCOPE(whole);
    IC_TRY(ic_mls_state_encode(g, &whole));
    struct ic_reader r = ic_reader(ic_buf_view(&whole));
    (void)ic_read_bytes(&r, MAGIC);
    for (uint8_t kind; (kind = ic_read_u8(&r)) != 0;) {
        (void)ic_read_bytes(&r, 16);
        struct ic_view value = ic_read_vec(&r, 1 << 20);
        IC_TRY(take_secrets(kind, value, out));
    }
    return ic_reader_end(&r);
}

static bool has(const struct ic_buf *list, const uint8_t *secret)
{
    for (size_t i = 0; i < list->len; i += SECRET_LEN)
        if (memcmp(list->p + i, secret, SECRET_LEN) == 0)
            return true;
    return false;
}

struct watch {
    struct place p;
    struct world w;
    struct ic_buf live, dead; /* secrets */
    size_t kept;              /* the member whose group is kept */
};

static void watch_close(struct watch *x)
{
    ic_buf_clear_secret(&x->live);
    ic_buf_clear_secret(&x->dead);
    world_clear(&x->w);
    place_close(&x->p);
}

/* Saves. What was live before and is not now is dead; unless another member's group is kept from now on, for
 * which it may live. */
static ic_err save(struct watch *x)
{
    SECRET_SCOPE(now);
    SECRET_SCOPE(dead);
    IC_TRY(place_save(&x->p, x->w.people[x->kept].g));
    IC_TRY(secrets_of(x->w.people[x->kept].g, &now));
    for (size_t i = 0; i < x->live.len; i += SECRET_LEN)
        if (!has(&now, x->live.p + i) && !has(&x->dead, x->live.p + i))
            IC_TRY(ic_buf_append(&x->dead, ic_view(x->live.p + i, SECRET_LEN)));
    for (size_t i = 0; i < x->dead.len; i += SECRET_LEN)
        if (!has(&now, x->dead.p + i))
            IC_TRY(ic_buf_append(&dead, ic_view(x->dead.p + i, SECRET_LEN)));
    ic_buf_move(&x->dead, &dead);
    ic_buf_move(&x->live, &now);
    return IC_OK;
}

static size_t count_found(const struct ic_buf *files, const struct ic_buf *secrets)
{
    size_t found = 0;
    for (size_t i = 0; i < secrets->len; i += SECRET_LEN)
        found += memmem(files->p, files->len, secrets->p + i, SECRET_LEN) != NULL;
    return found;
}

static void look(struct watch *x)
{
    size_t files;
    SECRET_SCOPE(bytes);
    CHECK_OK(place_files(&x->p, &bytes, &files));
    CHECK(files >= 1);
    CHECK_EQ_INT(count_found(&bytes, &x->live), x->live.len / SECRET_LEN);
    CHECK_EQ_INT(count_found(&bytes, &x->dead), 0);
}

static void watch_open(struct watch *x, uint64_t seed)
{
    ic_buf_init(&x->live, 1 << 24);
    ic_buf_init(&x->dead, 1 << 24);
    CHECK_OK(place_open(&x->p));
    CHECK_OK(world_init(&x->w, ic_suite_find(1), seed));
    world_steps_config(&x->w, false);
    CHECK_OK(world_create(&x->w));
}

/* Many small changes, with other groups growing and going between: pages fill, split and empty. */
TEST(deleted_secrets_are_in_no_file)
{
    IC_CLEANUP(watch_close) struct watch x = {0};
    struct ic_test_rand r = {3};
    watch_open(&x, 3);
    for (int i = 0; i < 250 && !ic_test_failed(); i++) {
        CHECK_OK(world_step(&x.w, &r));
        if (!x.w.people[x.kept].g)
            x.kept = world_pick(&r, &x.w, true);
        CHECK_OK(save(&x));
        if (i % 10 == 0 || i > 240)
            look(&x);
    }
    CHECK(x.dead.len / SECRET_LEN > 1000);
}

/* Skipped keys by the hundred: they come in one save and go one by one. */
TEST(keys_of_skipped_messages_are_in_no_file_once_used)
{
    enum { COUNT = 300 };
    IC_CLEANUP(watch_close) struct watch x = {0};
    static struct ic_buf m[COUNT];
    watch_open(&x, 4);
    CHECK_OK(world_add(&x.w, 0, (const size_t[]){1}, 1));
    for (size_t i = 0; i < COUNT; i++) {
        ic_buf_init(&m[i], 65536);
        CHECK_OK(world_say(&x.w, 1, "x", &m[i]));
    }
    CHECK_OK(world_read(&x.w.people[0], ic_buf_view(&m[COUNT - 1]), IC_VIEW_STR("x")));
    CHECK_OK(save(&x));
    look(&x);
    for (size_t i = 0; i + 1 < COUNT && !ic_test_failed(); i++) {
        size_t at = i * 7 % (COUNT - 1); /* here and there */
        CHECK_OK(world_read(&x.w.people[0], ic_buf_view(&m[at]), IC_VIEW_STR("x")));
        CHECK_OK(save(&x));
        if (i % 30 == 0)
            look(&x);
    }
    look(&x);
    for (size_t i = 0; i < COUNT; i++)
        ic_buf_clear(&m[i]);
}

TEST(erased_groups_and_key_packages_are_in_no_file)
{
    IC_CLEANUP(watch_close) struct watch x = {0};
    struct ic_mls_key_package *k;
    struct ic_mls_sqlite_group *held;
    SECRET_SCOPE(bytes);
    size_t files;
    watch_open(&x, 5);
    CHECK_OK(save(&x));
    look(&x);
    CHECK_OK(ic_mls_key_package_new(&x.w.config, &x.w.people[1].id, ic_view(NULL, 0), &k));
    CHECK_OK(ic_mls_sqlite_put_key_package(x.p.db, k));
    CHECK_OK(ic_mls_sqlite_erase_key_package(x.p.db, ic_mls_key_package_ref(k)));
    SECRET_SCOPE(package);
    CHECK_OK(ic_mls_key_package_encode(k, &package));
    ic_mls_key_package_free(k);
    CHECK_OK(ic_mls_sqlite_group_open(x.p.db, IC_VIEW_STR("the group"), &held));
    CHECK_OK(ic_mls_sqlite_group_erase(held));
    ic_mls_sqlite_group_close(held);
    CHECK_OK(place_files(&x.p, &bytes, &files));
    CHECK_EQ_INT(count_found(&bytes, &x.live), 0);
    CHECK(memmem(bytes.p, bytes.len, package.p + package.len - 40, 32) == NULL);
}
