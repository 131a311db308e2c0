#include "identity/admin/policy.h"
#include "identity/test/world.h"

#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <stdio.h>
#include <string.h>

static ic_err change(struct icd_policy *p, const char *text, const char **field)
{
    const char *why = NULL, *name = NULL;
    static char kept[64];
    json_t *o = json_loads(text, 0, NULL);
    ic_err e = icd_policy_change(p, o, &name, &why);
    snprintf(kept, sizeof kept, "%s", name ? name : "");
    *field = kept;
    json_decref(o);
    return e;
}

TEST(policy_has_defaults_and_is_kept)
{
    struct world w;
    struct icd_policy p, q, standard;
    const char *field;
    world_open(&w);
    icd_policy_default(&standard);
    CHECK_OK(icd_policy_get(w.id, 7, &p));
    CHECK(memcmp(&p, &standard, sizeof p) == 0);
    CHECK(!p.passwords && p.guests && p.session_s == 604800 && p.person_certificate_s == 0);
    CHECK_OK(change(&p, "{\"passwords\":true,\"session_idle_s\":600,\"guests\":false}", &field));
    CHECK_OK(icd_policy_set(w.id, 7, &p));
    CHECK_OK(icd_policy_get(w.id, 7, &q));
    CHECK(q.passwords && !q.guests && q.session_idle_s == 600 && q.session_s == 604800);
    CHECK_OK(icd_policy_get(w.id, 8, &q));
    CHECK(memcmp(&q, &standard, sizeof q) == 0);
    world_close(&w);
}

TEST(policy_refuses_what_does_not_fit)
{
    static const struct {
        const char *text, *field;
    } rows[] = {
        {"{\"passwords\":1}", "passwords"},
        {"{\"guests\":\"no\"}", "guests"},
        {"{\"session_s\":599}", "session_s"},
        {"{\"session_s\":7776001}", "session_s"},
        {"{\"session_s\":-1}", "session_s"},
        {"{\"session_s\":0}", "session_s"},
        {"{\"session_s\":3600.5}", "session_s"},
        {"{\"session_s\":99999999999999999}", "session_s"},
        {"{\"session_s\":1200}", "session_idle_s"},
        {"{\"person_certificate_s\":3599}", "person_certificate_s"},
        {"{\"device_certificate_s\":34300801}", "device_certificate_s"},
        {"{\"guest\":true}", "guest"},
        {"{\"guests\":false,\"passwords\":null}", "passwords"},
    };
    struct icd_policy p, standard;
    const char *field;
    icd_policy_default(&standard);
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        p = standard;
        CHECK_ERR(change(&p, rows[i].text, &field), IC_ERR_RANGE);
        CHECK(strcmp(field, rows[i].field) == 0);
        CHECK(memcmp(&p, &standard, sizeof p) == 0);
    }
    CHECK_OK(change(&p, "{\"person_certificate_s\":3600,\"device_certificate_s\":0}", &field));
}
