/* The states that earlier versions left: tests/vectors/own/state/VERSION/suite-N.txt, written by
 * make-mls-states when the version was current. */
#include "state_file.h"
#include "world.h"

#include <ic/base/mem.h>
#include <ic/mls/store.h>
#include <stdio.h>
#include <string.h>

static const char *const versions[] = {"1.0", "1.1", "1.2"};

struct old {
    struct state_file f;
    uint64_t now_s;
    struct ic_test_rand rand_state;
    struct ic_mls_config config;
    struct ic_mlspub_fault fault;
    struct ic_sign_key *signer;
    struct ic_mls_group *g;
};

static void old_close(struct old *o)
{
    ic_mls_group_free(o->g);
    ic_sign_key_free(o->signer);
    state_file_clear(&o->f);
}

static struct ic_view field(const struct old *o, enum state_field i)
{
    return ic_buf_view(&o->f.field[i]);
}

static ic_err read_old(struct old *o, const char *version, const struct ic_suite *s)
{
    char path[512];
    state_file_init(&o->f);
    o->now_s = world_now + 3600;
    o->config = (struct ic_mls_config){.rand = ic_test_rand(&o->rand_state, 1),
                                       .clock = ic_test_clock(&o->now_s),
                                       .fault = &o->fault,
                                       .data_with_pending = true};
    snprintf(path, sizeof path, "%s/tests/vectors/own/state/%s/suite-%u.txt", IC_SOURCE_ROOT,
             version, s->id);
    IC_TRY(state_file_read(path, &o->f));
    IC_TRY(ic_sign_key_import(s->sig, field(o, STATE_SIGNER), &o->signer));
    const struct ic_sign_key *const signers[] = {o->signer};
    return ic_mls_state_decode(&o->config, signers, 1, field(o, STATE_STATE), &o->g);
}

static void reads(struct old *o, enum state_field message, const char *text)
{
    struct ic_mls_received r;
    CHECK_OK(ic_mls_process(o->g, field(o, message), &r));
    bool same = ic_view_equal(ic_buf_view(&r.application), ic_view_cstr(text));
    ic_mls_received_clear(&r);
    CHECK(same);
    CHECK_ERR(ic_mls_process(o->g, field(o, message), &r), IC_ERR_REPLAY);
}

/* A commit that was on the way is there, if the version kept it. */
static void merges(struct old *o)
{
    struct ic_mls_staged *s = ic_mls_take_staged(o->g);
    CHECK((s != NULL) == (field(o, STATE_COMMIT).len > 0));
    if (!s)
        return;
    bool same = ic_view_equal(ic_mls_staged_commit(s), field(o, STATE_COMMIT));
    CHECK_OK(ic_mls_merge(o->g, s));
    CHECK(same);
    CHECK_EQ_INT(ic_mls_member_count(o->g), 4);
}

/* Its secrets are there, and it can go on. */
static void goes_on(struct old *o)
{
    uint8_t export[32];
    struct ic_mls_staged *s;
    const struct ic_mls_commit_params update = {.force_path = true};
    IC_BUF_SCOPE(m, 65536);
    CHECK_BYTES(ic_mls_epoch_authenticator(o->g), field(o, STATE_AUTHENTICATOR));
    CHECK_OK(ic_mls_export(o->g, "test", IC_VIEW_STR("x"), export, sizeof export));
    CHECK_BYTES(IC_VIEW_ARRAY(export), field(o, STATE_EXPORT));
    reads(o, STATE_LATE, "late");
    reads(o, STATE_SKIPPED, "skipped");
    CHECK_EQ_INT(ic_mls_pending_count(o->g), 2);
    CHECK_OK(ic_mls_protect(o->g, IC_VIEW_STR("after all the years"), ic_view(NULL, 0), &m));
    merges(o);
    CHECK_OK(ic_mls_commit_create(o->g, &update, &s));
    CHECK_OK(ic_mls_merge(o->g, s));
    CHECK_EQ_INT(ic_mls_member_count(o->g), 4); /* one was proposed to go */
}

static void key_package(const struct old *o)
{
    struct ic_mls_key_package *k;
    CHECK_OK(ic_mls_key_package_decode(field(o, STATE_KEY_PACKAGE), &k));
    bool same = ic_view_equal(ic_mls_key_package_ref(k), field(o, STATE_REF));
    ic_mls_key_package_free(k);
    CHECK(same);
}

TEST(states_of_earlier_versions_are_read)
{
    for (size_t v = 0; v < IC_ARRAY_LEN(versions); v++) {
        for (size_t i = 0; ic_suite_at(i) && !ic_test_failed(); i++) {
            IC_CLEANUP(old_close) struct old o = {0};
            ic_err e = read_old(&o, versions[v], ic_suite_at(i));
            if (e != IC_OK)
                fprintf(stderr, "version %s, suite %u: %s\n", versions[v], ic_suite_at(i)->id,
                        o.fault.rule ? o.fault.rule : "");
            CHECK_OK(e);
            goes_on(&o);
            key_package(&o);
        }
    }
}
