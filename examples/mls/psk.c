/* A pre-shared key goes into the next epoch: who does not have it cannot follow (section 8.4). */
#include "people.h"

static ic_err find_psk(void *ctx, struct ic_view psk_id, struct ic_buf *out)
{
    const char *secret = (const char *)ctx;
    if (!secret || !ic_view_equal(psk_id, IC_VIEW_STR("said on the phone")))
        return IC_ERR_PSK;
    return ic_buf_append(out, ic_view_cstr(secret));
}

int main(void)
{
    struct person ana, ben;
    static char words[] = "correct horse battery staple";
    person_init(&ana, "ana");
    person_init(&ben, "ben");
    ana.config.find_psk = ben.config.find_psk = find_psk;
    ana.config.ctx = ben.config.ctx = words;
    create(&ana);
    add(&ana, &ben);

    const struct ic_mlspub_psk_id psk = {.type = IC_MLS_PSK_EXTERNAL,
                                         .external_id = IC_VIEW_STR("said on the phone")};
    const struct ic_mls_commit_params params = {.psks = &psk, .psk_count = 1};
    struct ic_mls_staged *s;
    must(ic_mls_commit_create(ana.g, &params, &s));
    follow(&ben, ic_mls_staged_commit(s));
    must(ic_mls_merge(ana.g, s));
    expect(agree(&ana, &ben), "both knew the words");

    /* A secret for something else, from the epoch that rests on them (section 8.5). */
    uint8_t a[32], b[32];
    must(ic_mls_export(ana.g, "file key", IC_VIEW_STR("report.pdf"), a, sizeof a));
    must(ic_mls_export(ben.g, "file key", IC_VIEW_STR("report.pdf"), b, sizeof b));
    expect(ic_ct_equal(IC_VIEW_ARRAY(a), IC_VIEW_ARRAY(b)), "both export the same key");
    ic_wipe(a, sizeof a);
    ic_wipe(b, sizeof b);
    person_clear(&ana);
    person_clear(&ben);
    puts("ok");
}
