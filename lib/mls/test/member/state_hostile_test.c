/* States that are damaged, made up, of other versions, or another group's. */
#include "saved_scene.h"

#include <string.h>

TEST(every_kind_of_record_is_in_the_scene)
{
    SCENE(s);
    scene_open(&s);
    if (ic_test_failed())
        return;
    bool met[IC_MLS_RECORD_UPDATE + 1] = {0};
    for (size_t i = 0; i < s.m.records.count; i++)
        met[s.m.records.p[i].key.kind] = true;
    for (size_t kind = IC_MLS_RECORD_STAMP; kind <= IC_MLS_RECORD_UPDATE; kind++)
        CHECK(met[kind]);
}

TEST(state_bytes_cut_or_changed_are_refused)
{
    SCENE(s);
    STATE_SCOPE(whole);
    scene_open(&s);
    if (ic_test_failed())
        return;
    CHECK_OK(ic_mls_state_encode(s.g, &whole));
    CHECK_OK(scene_decode(&s, ic_buf_view(&whole)));
    for (size_t n = 0; n < whole.len; n++)
        CHECK(scene_decode(&s, ic_view(whole.p, n)) != IC_OK);
    for (size_t i = 0; i < whole.len; i++) {
        whole.p[i] ^= (uint8_t)(1u << i % 8);
        CHECK(scene_decode(&s, ic_buf_view(&whole)) != IC_OK);
        whole.p[i] ^= (uint8_t)(1u << i % 8);
    }
    CHECK_OK(ic_buf_append(&whole, IC_VIEW_STR("x")));
    CHECK(scene_decode(&s, ic_buf_view(&whole)) != IC_OK);
}

/* What loads is what the store says, and nothing else. */
static void refused_or_equal(struct scene *s)
{
    struct ic_mls_group *g;
    ic_err e = scene_load(s, &g);
    if (e != IC_OK) {
        CHECK(e == IC_ERR_MALFORMED || e == IC_ERR_KEY || e == IC_ERR_UNSUPPORTED ||
              e == IC_ERR_LIMIT || e == IC_ERR_STATE);
        CHECK(*s->w.fault.rule || e == IC_ERR_KEY);
        return;
    }
    STATE_SCOPE(loaded);
    STATE_SCOPE(held);
    bool as_saved = g->changes && !g->changes->all && g->changes->count == 0;
    ic_err encoded = ic_mls_state_encode(g, &loaded);
    ic_mls_group_free(g);
    CHECK_OK(encoded);
    CHECK_OK(memory_store_dump(&s->m, &held));
    if (as_saved)
        CHECK_BYTES(records_of(&loaded), records_in(&held));
}

TEST(records_made_up_by_who_can_write_them_are_refused_or_taken_as_they_are)
{
    SCENE(s);
    scene_open(&s);
    for (size_t i = 0; i < s.m.records.count && !ic_test_failed(); i++) {
        struct memory_record *r = &s.m.records.p[i];
        for (size_t at = 0; at < r->len && !ic_test_failed(); at++) {
            uint8_t bit = (uint8_t)(1u << at % 8);
            r->value[at] ^= bit;
            scene_sum_up(r);
            refused_or_equal(&s);
            r->value[at] ^= bit;
            scene_sum_up(r);
        }
        size_t len = r->len;
        for (; r->len > 0 && !ic_test_failed(); r->len--)
            refused_or_equal(&s);
        r->len = len;
    }
}

TEST(records_missing_or_misplaced_are_refused_or_taken_as_they_are)
{
    SCENE(s);
    scene_open(&s);
    for (size_t i = 0; i < s.m.records.count && !ic_test_failed(); i++) {
        const struct memory_record r = s.m.records.p[i];
        memmove(s.m.records.p + i, s.m.records.p + i + 1, (--s.m.records.count - i) * sizeof r);
        refused_or_equal(&s);
        memmove(s.m.records.p + i + 1, s.m.records.p + i, (s.m.records.count++ - i) * sizeof r);
        s.m.records.p[i] = r;
        s.m.records.p[i].key.index ^= 1;
        scene_sum_up(&s.m.records.p[i]);
        refused_or_equal(&s);
        s.m.records.p[i].key.index ^= 1;
        s.m.records.p[i].key.epoch ^= 1;
        scene_sum_up(&s.m.records.p[i]);
        refused_or_equal(&s);
        s.m.records.p[i].key.epoch ^= 1;
        scene_sum_up(&s.m.records.p[i]);
    }
    struct ic_mls_group *g;
    CHECK_OK(scene_load(&s, &g));
    ic_mls_group_free(g);
}

TEST(states_want_their_own_keys_tree_and_limits)
{
    SCENE(s);
    struct ic_mls_group *g;
    scene_open(&s);
    if (ic_test_failed())
        return;
    CHECK_ERR(scene_load_with(&s, 1, &g), IC_ERR_KEY);
    CHECK(strstr(s.w.fault.rule, "signing key") != NULL);
    CHECK_ERR(ic_mls_load(&s.w.config, NULL, 0, &s.store, &g), IC_ERR_KEY);
    s.w.config.limits.max_leaves = 2;
    CHECK_ERR(scene_load(&s, &g), IC_ERR_LIMIT);
    s.w.config.limits.max_leaves = 0;
    struct memory_record *leaf =
        memory_store_find(&s.m, (struct ic_mls_record_key){IC_MLS_RECORD_NODE, 0, 2});
    CHECK(leaf != NULL);
    leaf->value[leaf->len - 1] ^= 1; /* inside a signature: only the hash knows */
    CHECK_ERR(scene_load(&s, &g), IC_ERR_MALFORMED);
    CHECK(strstr(s.w.fault.rule, "another hash") != NULL);
    struct memory_store none = {0};
    s.store.ctx = &none;
    CHECK_ERR(scene_load(&s, &g), IC_ERR_NOT_FOUND);
}

TEST(smaller_limits_forget_what_is_oldest)
{
    SCENE(s);
    struct ic_mls_group *g;
    STATE_SCOPE(loaded);
    STATE_SCOPE(held);
    scene_open(&s);
    if (ic_test_failed())
        return;
    CHECK(s.g->past && s.g->past->older && s.g->resumption_count == 2);
    s.w.config.limits.max_past_epochs = 1;
    s.w.config.limits.max_resumption = 1;
    CHECK_OK(scene_load(&s, &g));
    CHECK(g->past && !g->past->older);
    CHECK_EQ_INT(g->past->context.epoch, 1);
    CHECK_EQ_INT(g->resumption_count, 1);
    CHECK_EQ_INT(g->resumptions[0].epoch, 1);
    CHECK_OK(ic_mls_save(g, &s.store));
    CHECK_OK(ic_mls_state_encode(g, &loaded));
    ic_mls_group_free(g);
    CHECK_OK(memory_store_dump(&s.m, &held));
    CHECK_BYTES(records_of(&loaded), records_in(&held));
}

/* ---- versions ---- */

static void put_record(struct scene *s, struct ic_mls_record_key key, struct ic_view content)
{
    uint8_t check[IC_MLS_RECORD_CHECK_LEN];
    IC_BUF_SCOPE(value, 65536);
    CHECK_OK(ic_buf_append(&value, content));
    ic_mls_record_check(&key, content, check);
    CHECK_OK(ic_buf_append(&value, IC_VIEW_ARRAY(check)));
    CHECK_OK(s->store.begin(&s->m, true));
    CHECK_OK(s->store.put(&s->m, &key, ic_buf_view(&value)));
    CHECK_OK(s->store.commit(&s->m));
}

static void set_version(struct scene *s, uint16_t major, uint16_t minor)
{
    struct memory_record *stamp =
        memory_store_find(&s->m, (struct ic_mls_record_key){.kind = IC_MLS_RECORD_STAMP});
    ic_store_u16(stamp->value, major);
    ic_store_u16(stamp->value + 2, minor);
    scene_sum_up(stamp);
}

/* A field more at the end of every record that may have one. */
static void lengthen_records(struct scene *s)
{
    size_t n = s->m.records.count;
    for (size_t i = 0; i < n && !ic_test_failed(); i++) {
        const struct memory_record *r = &s->m.records.p[i];
        IC_BUF_SCOPE(content, 65536);
        if (!ic_mls_record_checked(r->key.kind))
            continue;
        CHECK_OK(ic_buf_append(&content, ic_view(r->value, r->len - IC_MLS_RECORD_CHECK_LEN)));
        CHECK_OK(ic_buf_append(&content, IC_VIEW_STR("new field")));
        put_record(s, r->key, ic_buf_view(&content));
    }
}

TEST(later_minor_versions_are_read_and_brought_back)
{
    SCENE(s);
    struct ic_mls_group *g;
    scene_open(&s);
    if (ic_test_failed())
        return;
    const struct ic_mls_record_key optional = {0x90, 7, 7};
    set_version(&s, IC_MLS_STATE_MAJOR, IC_MLS_STATE_MINOR + 1);
    put_record(&s, optional, IC_VIEW_STR("of the future"));
    lengthen_records(&s);
    CHECK_OK(scene_load(&s, &g));
    CHECK_OK(ic_mls_save(g, &s.store));
    ic_mls_group_free(g);
    CHECK(!memory_store_find(&s.m, optional));
    struct memory_record *stamp =
        memory_store_find(&s.m, (struct ic_mls_record_key){.kind = IC_MLS_RECORD_STAMP});
    CHECK_EQ_INT(ic_load_u16(stamp->value + 2), IC_MLS_STATE_MINOR);
    CHECK_OK(scene_load(&s, &g));
    ic_mls_group_free(g);
    lengthen_records(&s); /* but not in a version that is known */
    CHECK_ERR(scene_load(&s, &g), IC_ERR_MALFORMED);
}

TEST(what_a_reader_must_know_and_does_not_is_refused)
{
    SCENE(s);
    struct ic_mls_group *g;
    scene_open(&s);
    if (ic_test_failed())
        return;
    set_version(&s, IC_MLS_STATE_MAJOR + 1, 0);
    CHECK_ERR(scene_load(&s, &g), IC_ERR_UNSUPPORTED);
    CHECK(strstr(s.w.fault.rule, "version") != NULL);
    CHECK_ERR(ic_mls_save(s.g, &s.store), IC_ERR_UNSUPPORTED);
    set_version(&s, IC_MLS_STATE_MAJOR, IC_MLS_STATE_MINOR + 1);
    put_record(&s, (struct ic_mls_record_key){0x70, 0, 0}, IC_VIEW_STR("of the future"));
    CHECK_ERR(scene_load(&s, &g), IC_ERR_UNSUPPORTED);
    CHECK(strstr(s.w.fault.rule, "later version") != NULL);
}
