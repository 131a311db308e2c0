/* The rows: users, invitations, enrolment tokens, the audit log, by a clock that stands still. */
#include "identity/accounts/accounts.h"
#include "identity/accounts/enrol.h"
#include "identity/accounts/private.h"
#include "identity/test/world.h"

#include <ic/base/test.h>
#include <string.h>

#define THUMB "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define OTHER "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"

static void open_with_ana(struct world *w, struct icd_user *u)
{
    struct icd_domain d;
    int64_t org;
    world_open(w);
    CHECK_OK(icd_accounts_org_add(w->id, IC_VIEW_STR("Example"), &org));
    CHECK_OK(icd_accounts_domain_add(w->id, org, IC_VIEW_STR("Example.ORG"), &d));
    CHECK_OK(icd_accounts_domain_verify(w->id, org, IC_VIEW_STR("example.org")));
    CHECK_OK(
        icd_accounts_user_add(w->id, org, IC_VIEW_STR("ana@example.org"), IC_VIEW_STR("Ana"), u));
    icd_identity_flush(w->id);
}

TEST(accounts_user_needs_a_verified_domain)
{
    struct world w;
    struct icd_domain d;
    struct icd_user u;
    int64_t a, b, owner;
    world_open(&w);
    struct icd_identity *id = w.id;
    struct ic_view name = IC_VIEW_STR("X"), domain = IC_VIEW_STR("example.org");
    CHECK_OK(icd_accounts_org_add(id, IC_VIEW_STR("A"), &a));
    CHECK_OK(icd_accounts_org_add(id, IC_VIEW_STR("B"), &b));
    CHECK_OK(icd_accounts_domain_add(id, a, domain, &d));
    CHECK_ERR(icd_accounts_user_add(id, a, IC_VIEW_STR("x@example.org"), name, &u), IC_ERR_RULE);
    CHECK_OK(icd_accounts_domain_verify(id, a, domain));
    /* Claimed twice, verified once. */
    CHECK_OK(icd_accounts_domain_add(id, b, domain, &d));
    CHECK_ERR(icd_accounts_domain_verify(id, b, domain), IC_ERR_EXISTS);
    CHECK_ERR(icd_accounts_user_add(id, b, IC_VIEW_STR("x@example.org"), name, &u), IC_ERR_RULE);
    CHECK_OK(icd_accounts_user_add(id, a, IC_VIEW_STR("X@Example.org"), name, &u));
    CHECK(strcmp(u.email, "x@example.org") == 0);
    CHECK_ERR(icd_accounts_user_add(id, a, IC_VIEW_STR("x@example.org"), name, &u), IC_ERR_EXISTS);
    CHECK_OK(icd_accounts_domain_owner(id, IC_VIEW_STR("room.berlin.example.org"), &owner));
    CHECK_EQ_INT(owner, a);
    CHECK_ERR(icd_accounts_domain_owner(id, IC_VIEW_STR("notexample.org"), &owner),
              IC_ERR_NOT_FOUND);
    world_close(&w);
}

TEST(accounts_invitation_is_good_once)
{
    struct world w;
    char first[ICD_BEARER_LEN + 1], token[ICD_BEARER_LEN + 1];
    uint64_t end;
    struct icd_user u, got;
    open_with_ana(&w, &u);
    CHECK_OK(icd_accounts_invite(w.id, u.id, "server", first, &end));
    CHECK_OK(icd_accounts_invite(w.id, u.id, "server", token, &end));
    CHECK_ERR(icd_invitation_take(w.id, ic_view_cstr(first), &got), IC_ERR_DENIED);
    CHECK_OK(icd_invitation_take(w.id, ic_view_cstr(token), &got));
    CHECK(strcmp(got.id, u.id) == 0);
    CHECK_ERR(icd_invitation_take(w.id, ic_view_cstr(token), &got), IC_ERR_DENIED);
    CHECK_OK(icd_accounts_invite(w.id, u.id, "server", token, &end));
    icd_identity_flush(w.id);
    world_pass(&w, end - w.now_ms);
    CHECK_ERR(icd_invitation_take(w.id, ic_view_cstr(token), &got), IC_ERR_DENIED);
    world_close(&w);
}

TEST(accounts_enrolment_token_is_good_once_for_one_key)
{
    struct world w;
    char token[ICD_BEARER_LEN + 1];
    uint64_t end;
    struct icd_enrolment e;
    struct icd_user u, got;
    const char *why;
    open_with_ana(&w, &u);
    struct ic_view thumb = IC_VIEW_STR(THUMB), label = IC_VIEW_STR("laptop");
    CHECK_OK(icd_enrolment_make(w.id, &u, thumb, label, token, &end));
    struct ic_view t = ic_view_cstr(token);
    CHECK_ERR(icd_accounts_redeem(w.id, t, IC_VIEW_STR(OTHER), &e, &why), IC_ERR_KEY);
    CHECK_ERR(icd_accounts_redeem(w.id, IC_VIEW_STR("ice_"), thumb, &e, &why), IC_ERR_DENIED);
    CHECK_OK(icd_accounts_redeem(w.id, t, thumb, &e, &why));
    CHECK(strcmp(e.user.email, "ana@example.org") == 0);
    CHECK(strcmp(e.label, "laptop") == 0);
    CHECK_ERR(icd_accounts_redeem(w.id, t, thumb, &e, &why), IC_ERR_REPLAY);
    CHECK_OK(icd_accounts_device_check(w.id, e.device, &got));
    CHECK_OK(icd_device_revoke(w.id, u.id, ic_view_cstr(e.device)));
    CHECK_ERR(icd_device_revoke(w.id, u.id, ic_view_cstr(e.device)), IC_ERR_NOT_FOUND);
    CHECK_ERR(icd_accounts_device_check(w.id, e.device, &got), IC_ERR_STATE);
    /* Run out. */
    CHECK_OK(icd_enrolment_make(w.id, &u, thumb, label, token, &end));
    icd_identity_flush(w.id);
    w.id->now_ms = end;
    CHECK_ERR(icd_accounts_redeem(w.id, ic_view_cstr(token), thumb, &e, &why), IC_ERR_DENIED);
    world_close(&w);
}

/* A domain that its organisation gave up, and that another has proved since. */
TEST(accounts_domain_of_another_by_now_gives_no_certificate)
{
    struct world w;
    char token[ICD_BEARER_LEN + 1];
    uint64_t end;
    int64_t other;
    struct icd_enrolment e, e2;
    struct icd_domain d;
    struct icd_user u, got;
    const char *why;
    open_with_ana(&w, &u);
    struct ic_view thumb = IC_VIEW_STR(THUMB), label = IC_VIEW_STR("laptop");
    struct ic_view domain = IC_VIEW_STR("example.org");
    CHECK_OK(icd_enrolment_make(w.id, &u, thumb, label, token, &end));
    CHECK_OK(icd_accounts_domain_remove(w.id, u.org, domain));
    CHECK_OK(icd_accounts_redeem(w.id, ic_view_cstr(token), thumb, &e, &why)); /* nobody's */
    CHECK_OK(icd_accounts_device_check(w.id, e.device, &got));
    CHECK_OK(icd_enrolment_make(w.id, &u, thumb, label, token, &end));
    CHECK_OK(icd_accounts_org_add(w.id, IC_VIEW_STR("Other"), &other));
    CHECK_OK(icd_accounts_domain_add(w.id, other, domain, &d));
    CHECK_OK(icd_accounts_device_check(w.id, e.device, &got));
    CHECK_OK(icd_accounts_domain_verify(w.id, other, domain));
    CHECK_ERR(icd_accounts_device_check(w.id, e.device, &got), IC_ERR_STATE);
    CHECK_ERR(icd_accounts_redeem(w.id, ic_view_cstr(token), thumb, &e2, &why), IC_ERR_STATE);
    CHECK(strstr(why, "another organisation"));
    CHECK_OK(icd_accounts_domain_remove(w.id, other, domain));
    CHECK_OK(icd_accounts_redeem(w.id, ic_view_cstr(token), thumb, &e2, &why));
    world_close(&w);
}

TEST(accounts_user_has_so_many_devices)
{
    struct world w;
    char token[ICD_BEARER_LEN + 1];
    uint64_t end;
    struct icd_enrolment e;
    struct icd_user u;
    const char *why;
    open_with_ana(&w, &u);
    struct ic_view thumb = IC_VIEW_STR(THUMB), label = IC_VIEW_STR("laptop");
    for (int i = 0; i < ICD_DEVICES; i++) {
        CHECK_OK(icd_enrolment_make(w.id, &u, thumb, label, token, &end));
        CHECK_OK(icd_accounts_redeem(w.id, ic_view_cstr(token), thumb, &e, &why));
    }
    CHECK_OK(icd_enrolment_make(w.id, &u, thumb, label, token, &end));
    struct icd_enrolment last;
    CHECK_ERR(icd_accounts_redeem(w.id, ic_view_cstr(token), thumb, &last, &why), IC_ERR_STATE);
    CHECK(strstr(why, "too many devices"));
    CHECK_OK(icd_device_revoke(w.id, u.id, ic_view_cstr(e.device)));
    CHECK_OK(icd_accounts_redeem(w.id, ic_view_cstr(token), thumb, &last, &why));
    world_close(&w);
}

TEST(accounts_suspended_user_is_out_at_once)
{
    struct world w;
    char token[ICD_BEARER_LEN + 1], invitation[ICD_BEARER_LEN + 1], session[ICD_BEARER_LEN + 1],
        known[ICD_BEARER_LEN + 1];
    uint64_t end;
    struct icd_enrolment e;
    struct icd_session s;
    struct icd_user u, got;
    const char *why;
    open_with_ana(&w, &u);
    struct ic_view thumb = IC_VIEW_STR(THUMB), label = IC_VIEW_STR("laptop");
    struct icd_session_new n = {.user = &u, .how = ICD_BY_PASSKEY, .auth_ms = w.now_ms};
    CHECK_OK(icd_session_make(w.id, &n, session, known, &s));
    CHECK_OK(icd_accounts_session_find(w.id, ic_view_cstr(session), &s));
    CHECK_OK(icd_enrolment_make(w.id, &u, thumb, label, token, &end));
    CHECK_OK(icd_accounts_redeem(w.id, ic_view_cstr(token), thumb, &e, &why));
    CHECK_OK(icd_enrolment_make(w.id, &u, thumb, label, token, &end));
    CHECK_OK(icd_accounts_invite(w.id, u.id, "server", invitation, &end));
    CHECK_OK(icd_accounts_user_suspend(w.id, u.id, true));
    CHECK_ERR(icd_accounts_session_find(w.id, ic_view_cstr(session), &s), IC_ERR_DENIED);
    CHECK_ERR(icd_accounts_redeem(w.id, ic_view_cstr(token), thumb, &e, &why), IC_ERR_DENIED);
    CHECK_ERR(icd_invitation_take(w.id, ic_view_cstr(invitation), &got), IC_ERR_DENIED);
    CHECK_ERR(icd_accounts_device_check(w.id, e.device, &got), IC_ERR_STATE);
    CHECK_ERR(icd_accounts_invite(w.id, u.id, "server", invitation, &end), IC_ERR_STATE);
    /* Back again, yet with nothing of before. */
    CHECK_OK(icd_accounts_user_suspend(w.id, u.id, false));
    CHECK_ERR(icd_accounts_session_find(w.id, ic_view_cstr(session), &s), IC_ERR_DENIED);
    CHECK_OK(icd_accounts_user_get(w.id, u.id, &got));
    CHECK(got.state == ICD_USER_ACTIVE);
    world_close(&w);
}

TEST(accounts_session_ends_by_idleness_and_absolutely)
{
    struct world w;
    char idle[ICD_BEARER_LEN + 1], kept[ICD_BEARER_LEN + 1], known[ICD_BEARER_LEN + 1];
    struct icd_session s;
    struct icd_user u;
    open_with_ana(&w, &u);
    struct icd_session_new n = {.user = &u, .how = ICD_BY_PASSKEY, .auth_ms = w.now_ms};
    CHECK_OK(icd_session_make(w.id, &n, idle, known, &s));
    CHECK_OK(icd_session_make(w.id, &n, kept, known, &s));
    icd_identity_flush(w.id);
    for (int hours = 0; hours < 7 * 24; hours += 6) {
        CHECK_OK(icd_accounts_session_find(w.id, ic_view_cstr(kept), &s));
        if (hours == 12)
            CHECK_ERR(icd_accounts_session_find(w.id, ic_view_cstr(idle), &s), IC_ERR_DENIED);
        world_pass(&w, 6 * 3600000);
    }
    CHECK_ERR(icd_accounts_session_find(w.id, ic_view_cstr(kept), &s), IC_ERR_DENIED);
    world_close(&w);
}

TEST(accounts_removed_user_leaves_only_the_audit_log)
{
    struct world w;
    char session[ICD_BEARER_LEN + 1], known[ICD_BEARER_LEN + 1];
    struct icd_session s;
    struct icd_user u, got;
    int64_t rows;
    open_with_ana(&w, &u);
    struct icd_session_new n = {.user = &u, .how = ICD_BY_PASSKEY, .auth_ms = w.now_ms};
    CHECK_OK(icd_session_make(w.id, &n, session, known, &s));
    CHECK_OK(icd_audit_add(w.id, u.org, "server", "test", icd_who_user(u.id).text, ""));
    CHECK_OK(icd_accounts_user_remove(w.id, u.id));
    CHECK_ERR(icd_accounts_user_get(w.id, u.id, &got), IC_ERR_NOT_FOUND);
    CHECK_ERR(icd_accounts_session_find(w.id, ic_view_cstr(session), &s), IC_ERR_DENIED);
    CHECK_OK(
        icd_store_int(w.id->store, "SELECT count(*) FROM known_clients", &rows, ICD_NO_PARAMS));
    CHECK_EQ_INT(rows, 0);
    CHECK_OK(icd_store_int(w.id->store, "SELECT count(*) FROM audit", &rows, ICD_NO_PARAMS));
    CHECK_EQ_INT(rows, 1);
    world_close(&w);
}

static ic_err count_row(void *ctx, const struct icd_audit_row *row)
{
    (void)row;
    ++*(int *)ctx;
    return IC_OK;
}

static int rows_of(struct icd_identity *id, const struct icd_audit_query *q)
{
    int n = 0;
    return icd_audit_list(id, q, count_row, &n) == IC_OK ? n : -1;
}

TEST(accounts_audit_is_read_by_person_action_and_time)
{
    struct world w;
    world_open(&w);
    for (int i = 0; i < 3; i++) {
        CHECK_OK(icd_audit_add(w.id, 1, "user:a", "signin.password", "user:a", ""));
        CHECK_OK(icd_audit_add(w.id, 1, "token:t", "user.suspended", "user:a", ""));
        CHECK_OK(icd_audit_add(w.id, 1, "user:b", "signinx", "", ""));
        CHECK_OK(icd_audit_add(w.id, 2, "user:a", "signin.passkey", "", ""));
        icd_identity_flush(w.id);
        world_pass(&w, 1000);
    }
    struct icd_audit_query q = {.org = 1, .limit = 100};
    CHECK_EQ_INT(rows_of(w.id, &q), 9);
    q.who = "user:a";
    CHECK_EQ_INT(rows_of(w.id, &q), 6);
    q.action = IC_VIEW_STR("signin.");
    CHECK_EQ_INT(rows_of(w.id, &q), 3);
    q.from_ms = w.now_ms - 1000;
    CHECK_EQ_INT(rows_of(w.id, &q), 1);
    world_close(&w);
}
