/* Groups in a database: they come back; what fails says so; several live in one file. */
#include "place.h"
#include "steps.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool same(const struct ic_mls_group *a, const struct ic_mls_group *b)
{
    SECRET_SCOPE(x);
    SECRET_SCOPE(y);
    return ic_mls_state_encode(a, &x) == IC_OK && ic_mls_state_encode(b, &y) == IC_OK &&
           ic_view_equal(ic_buf_view(&x), ic_buf_view(&y));
}

/* Saves and loads a member; sometimes it goes on as what was loaded. */
static ic_err restart(struct place *p, struct world *w, size_t who, bool go_on)
{
    struct ic_mls_group *g, *was = w->people[who].g;
    IC_TRY(place_save(p, was));
    IC_TRY(place_load(p, w, who, ic_mls_context(was)->group_id, &g));
    bool equal = same(g, was);
    ic_mls_group_free(go_on && equal ? was : g);
    if (go_on && equal)
        w->people[who].g = g;
    return equal ? IC_OK : IC_ERR_STATE;
}

TEST(random_steps_are_kept_in_a_database)
{
    PLACE(p);
    struct world w;
    struct ic_test_rand r = {5}, coin = {6};
    CHECK_OK(place_open(&p));
    CHECK_OK(world_init(&w, ic_suite_find(1), 5));
    world_steps_config(&w, true);
    CHECK_OK(world_create(&w));
    size_t kept = 0; /* the member whose group is in the database */
    for (int i = 0; i < 60 && !ic_test_failed(); i++) {
        CHECK_OK(world_step(&w, &r));
        if (!w.people[kept].g)
            kept = world_pick(&r, &w, true);
        CHECK_OK(restart(&p, &w, kept, ic_test_rand_u64(&coin) % 2));
        CHECK(world_agrees(&w));
    }
    world_clear(&w);
}

static ic_err count_group(void *arg, struct ic_view id)
{
    size_t *n = arg;
    *n += id.len == 2 && id.p[0] == 'g';
    return IC_OK;
}

static size_t count_groups(struct place *p)
{
    size_t n = 0;
    return ic_mls_sqlite_groups(p->db, count_group, &n) == IC_OK ? n : 999;
}

TEST(many_groups_share_a_database_and_outlive_the_connection)
{
    enum { GROUPS = 20 };
    PLACE(p);
    struct world w;
    struct ic_mls_group *groups[GROUPS] = {0}, *g;
    CHECK_OK(place_open(&p));
    CHECK_OK(world_init(&w, ic_suite_find(2), 7));
    for (size_t i = 0; i < GROUPS; i++) {
        uint8_t id[2] = {'g', (uint8_t)i};
        CHECK_OK(ic_mls_group_create(&w.config, &w.people[0].id, IC_VIEW_ARRAY(id),
                                     ic_view(NULL, 0), &groups[i]));
        CHECK_OK(place_save(&p, groups[i]));
    }
    ic_mls_sqlite_close(p.db);
    CHECK_OK(place_open(&p));
    CHECK_EQ_INT(count_groups(&p), GROUPS);
    for (size_t i = 0; i < GROUPS; i++) {
        uint8_t id[2] = {'g', (uint8_t)i};
        CHECK_OK(place_load(&p, &w, 0, IC_VIEW_ARRAY(id), &g));
        CHECK(same(g, groups[i]));
        ic_mls_group_free(g);
    }
    struct ic_mls_sqlite_group *held;
    CHECK_OK(ic_mls_sqlite_group_open(p.db, ic_mls_context(groups[3])->group_id, &held));
    CHECK_OK(ic_mls_sqlite_group_erase(held));
    ic_mls_sqlite_group_close(held);
    CHECK_EQ_INT(count_groups(&p), GROUPS - 1);
    CHECK_ERR(place_load(&p, &w, 0, ic_mls_context(groups[3])->group_id, &g), IC_ERR_NOT_FOUND);
    CHECK_OK(place_load(&p, &w, 0, ic_mls_context(groups[4])->group_id, &g));
    ic_mls_group_free(g);
    for (size_t i = 0; i < GROUPS; i++)
        ic_mls_group_free(groups[i]);
    world_clear(&w);
}

TEST(the_file_is_its_users_alone)
{
    PLACE(p);
    struct stat st;
    CHECK_OK(place_open(&p));
    CHECK(stat(p.path, &st) == 0);
    CHECK_EQ_INT(st.st_mode & 0777, 0600);
}

/* ---- what fails ---- */

/* A group in a database, with something to save. */
static void waiting(struct place *p, struct world *w)
{
    const struct ic_mls_commit_params update = {.force_path = true};
    struct ic_mls_staged *s;
    CHECK_OK(place_open(p));
    CHECK_OK(world_init(w, ic_suite_find(1), 9));
    CHECK_OK(world_create(w));
    CHECK_OK(place_save(p, w->people[0].g));
    CHECK_OK(ic_mls_commit_create(w->people[0].g, &update, &s));
    CHECK_OK(ic_mls_merge(w->people[0].g, s));
}

static void comes_back(struct place *p, struct world *w)
{
    struct ic_mls_group *g;
    CHECK_OK(place_load(p, w, 0, ic_mls_context(w->people[0].g)->group_id, &g));
    bool equal = same(g, w->people[0].g);
    ic_mls_group_free(g);
    CHECK(equal);
}

TEST(a_full_disk_is_named_and_loses_nothing)
{
    PLACE(p);
    struct world w;
    waiting(&p, &w);
    struct sqlite3 *db = ic_mls_sqlite_db(p.db);
    CHECK(sqlite3_exec(db, "PRAGMA max_page_count = 1", NULL, NULL, NULL) == SQLITE_OK);
    /* As many groups as no page holds. */
    ic_err e = IC_OK;
    struct ic_mls_group *g = NULL;
    for (int i = 0; i < 50 && e == IC_OK; i++) {
        uint8_t id[2] = {'n', (uint8_t)i};
        ic_mls_group_free(g);
        CHECK_OK(ic_mls_group_create(&w.config, &w.people[0].id, IC_VIEW_ARRAY(id),
                                     ic_view(NULL, 0), &g));
        e = place_save(&p, g);
    }
    CHECK_ERR(e, IC_ERR_LIMIT);
    CHECK(strstr(ic_mls_sqlite_error(p.db), "SQLITE_FULL") != NULL);
    CHECK(sqlite3_exec(db, "PRAGMA max_page_count = 100000", NULL, NULL, NULL) == SQLITE_OK);
    CHECK_OK(place_save(&p, g));
    ic_mls_group_free(g);
    CHECK_OK(place_save(&p, w.people[0].g));
    comes_back(&p, &w);
    world_clear(&w);
}

TEST(a_busy_database_is_named_and_loses_nothing)
{
    PLACE(p);
    struct world w;
    sqlite3 *other;
    waiting(&p, &w);
    sqlite3_busy_timeout(ic_mls_sqlite_db(p.db), 1);
    CHECK(sqlite3_open(p.path, &other) == SQLITE_OK);
    CHECK(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL) == SQLITE_OK);
    CHECK_ERR(place_save(&p, w.people[0].g), IC_ERR_BUSY);
    CHECK(strstr(ic_mls_sqlite_error(p.db), "SQLITE_BUSY") != NULL);
    CHECK(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_close(other);
    CHECK_OK(place_save(&p, w.people[0].g));
    comes_back(&p, &w);
    world_clear(&w);
}

TEST(files_that_are_none_and_tables_of_the_future_are_refused)
{
    PLACE(p);
    struct ic_mls_sqlite *db;
    CHECK_OK(place_open(&p));
    CHECK(sqlite3_exec(ic_mls_sqlite_db(p.db), "UPDATE ic_mls_schema SET version = 2", NULL, NULL,
                       NULL) == SQLITE_OK);
    CHECK_ERR(ic_mls_sqlite_open(p.path, &db), IC_ERR_UNSUPPORTED);
    char path[128];
    snprintf(path, sizeof path, "%s/text", p.folder);
    FILE *f = fopen(path, "w");
    CHECK(f != NULL);
    for (int i = 0; i < 100; i++)
        fputs("this is no database, whatever its name says\n", f);
    fclose(f);
    CHECK_ERR(ic_mls_sqlite_open(path, &db), IC_ERR_MALFORMED);
    CHECK_ERR(ic_mls_sqlite_open("/nowhere/at/all.db", &db), IC_ERR_IO);
}

struct once {
    struct place *p;
    struct world *w;
};

static ic_err save_and_load(void *ctx)
{
    const struct once *o = ctx;
    struct ic_mls_group *g;
    IC_TRY(place_save(o->p, o->w->people[0].g));
    IC_TRY(place_load(o->p, o->w, 0, IC_VIEW_STR("the group"), &g));
    ic_mls_group_free(g);
    return IC_OK;
}

TEST(failing_allocations_lose_nothing)
{
    PLACE(p);
    struct world w;
    waiting(&p, &w);
    struct once o = {&p, &w};
    CHECK(ic_test_each_alloc_fails(save_and_load, &o) > 30);
    comes_back(&p, &w);
    world_clear(&w);
}

/* A commit that was saved before it was sent is in the database of the next process. */
TEST(a_staged_commit_outlives_the_connection)
{
    PLACE(p);
    struct world w;
    struct ic_mls_staged *s;
    struct ic_mls_group *g;
    struct ic_mls_sqlite_group *held;
    const struct ic_mls_commit_params update = {.force_path = true};
    waiting(&p, &w);
    IC_BUF_SCOPE(commit, 65536);
    CHECK_OK(ic_mls_commit_create(w.people[0].g, &update, &s));
    CHECK_OK(ic_buf_append(&commit, ic_mls_staged_commit(s)));
    CHECK_OK(ic_mls_sqlite_group_open(p.db, IC_VIEW_STR("the group"), &held));
    CHECK_OK(ic_mls_save_staged(w.people[0].g, s, ic_mls_sqlite_group_store(held)));
    ic_mls_sqlite_group_close(held);
    ic_mls_sqlite_close(p.db);
    CHECK_OK(place_open(&p));
    CHECK_OK(place_load(&p, &w, 0, IC_VIEW_STR("the group"), &g));
    struct ic_mls_staged *found = ic_mls_take_staged(g);
    CHECK(found != NULL);
    CHECK_BYTES(ic_mls_staged_commit(found), ic_buf_view(&commit));
    CHECK_OK(ic_mls_merge(w.people[0].g, s));
    CHECK_OK(ic_mls_merge(g, found));
    CHECK(same(g, w.people[0].g));
    CHECK_OK(place_save(&p, g));
    ic_mls_group_free(g);
    comes_back(&p, &w);
    world_clear(&w);
}

/* ---- in the application's own transactions ---- */

TEST(a_save_is_part_of_the_applications_transaction)
{
    PLACE(p);
    struct world w;
    waiting(&p, &w);
    struct sqlite3 *db = ic_mls_sqlite_db(p.db);
    SECRET_SCOPE(before);
    SECRET_SCOPE(after);
    struct ic_mls_group *g, *mine = w.people[0].g;
    struct ic_view id = ic_mls_context(mine)->group_id;
    CHECK_OK(place_load(&p, &w, 0, id, &g));
    CHECK_OK(ic_mls_state_encode(g, &before));
    ic_mls_group_free(g);
    CHECK(sqlite3_exec(db, "CREATE TABLE lines(text); BEGIN; INSERT INTO lines VALUES('hello')",
                       NULL, NULL, NULL) == SQLITE_OK);
    CHECK_OK(place_save(&p, mine));
    CHECK(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK);
    CHECK_OK(place_load(&p, &w, 0, id, &g));
    CHECK_OK(ic_mls_state_encode(g, &after));
    CHECK_BYTES(ic_buf_view(&after), ic_buf_view(&before));
    ic_mls_group_free(g);
    CHECK(sqlite3_exec(db, "BEGIN; INSERT INTO lines VALUES('hello')", NULL, NULL, NULL) ==
          SQLITE_OK);
    CHECK_OK(place_save(&p, mine));
    CHECK(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK);
    comes_back(&p, &w);
    world_clear(&w);
}

TEST(journals_that_keep_old_pages_are_refused)
{
    static const char *const modes[] = {"wal", "persist", "memory", "off"};
    PLACE(p);
    CHECK_OK(place_open(&p));
    for (size_t i = 0; i < IC_ARRAY_LEN(modes); i++) {
        char path[128], pragma[64];
        sqlite3 *db;
        struct ic_mls_sqlite *s;
        snprintf(path, sizeof path, "%s/%s.db", p.folder, modes[i]);
        snprintf(pragma, sizeof pragma, "PRAGMA journal_mode = %s", modes[i]);
        CHECK(sqlite3_open(path, &db) == SQLITE_OK);
        CHECK(sqlite3_exec(db, pragma, NULL, NULL, NULL) == SQLITE_OK);
        CHECK_ERR(ic_mls_sqlite_attach(db, &s), IC_ERR_STATE);
        CHECK(sqlite3_exec(db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) == SQLITE_OK);
        CHECK_OK(ic_mls_sqlite_attach(db, &s));
        ic_mls_sqlite_close(s);
        sqlite3_close(db);
    }
}

TEST(key_packages_are_kept_until_they_are_used)
{
    PLACE(p);
    struct world w;
    struct ic_mls_key_package *k, *back;
    CHECK_OK(place_open(&p));
    CHECK_OK(world_init(&w, ic_suite_find(1), 9));
    CHECK_OK(ic_mls_key_package_new(&w.config, &w.people[0].id, ic_view(NULL, 0), &k));
    struct ic_view ref = ic_mls_key_package_ref(k);
    CHECK_ERR(ic_mls_sqlite_find_key_package(p.db, ref, &back), IC_ERR_NOT_FOUND);
    CHECK_OK(ic_mls_sqlite_put_key_package(p.db, k));
    CHECK_OK(ic_mls_sqlite_put_key_package(p.db, k));
    CHECK_OK(ic_mls_sqlite_find_key_package(p.db, ref, &back));
    CHECK_BYTES(ic_mls_key_package_message(back), ic_mls_key_package_message(k));
    ic_mls_key_package_free(back);
    CHECK_EQ_INT(count_groups(&p), 0);
    CHECK_OK(ic_mls_sqlite_erase_key_package(p.db, ref));
    CHECK_ERR(ic_mls_sqlite_erase_key_package(p.db, ref), IC_ERR_NOT_FOUND);
    CHECK_ERR(ic_mls_sqlite_find_key_package(p.db, ref, &back), IC_ERR_NOT_FOUND);
    ic_mls_key_package_free(k);
    world_clear(&w);
}
