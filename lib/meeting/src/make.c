/* Making a meeting: its id, its meeting key (forgotten once the terms are signed), its link. */
#include <ic/base/text.h>
#include <ic/crypto/hash.h>
#include <ic/meeting/link.h>
#include <ic/rules/rules.h>

static ic_err sign_terms(const struct ic_meeting_plan *p, const struct ic_meeting_made *made,
                         const struct ic_sign_key *key, struct ic_buf *out)
{
    IC_BUF_SCOPE(hosts, IC_WIRE_HOSTS_MAX * (IC_WIRE_KEY_MAX + 2));
    for (size_t i = 0; i < p->host_count; i++)
        IC_TRY(ic_wire_list_add(&hosts, p->hosts[i]));
    IC_BUF_SCOPE(roots, IC_WIRE_ROOTS_MAX * 34);
    for (size_t i = 0; i < p->root_count; i++)
        IC_TRY(ic_wire_list_add(&roots, p->roots[i]));
    struct ic_wire_terms t = {.version = 1,
                              .meeting_id = IC_VIEW_ARRAY(made->id),
                              .kind = p->kind,
                              .suite = p->suite,
                              .sframe_suite = p->sframe_suite,
                              .admission = p->admission,
                              .watermark = p->watermark,
                              .recording = p->recording,
                              .hosts = ic_buf_view(&hosts),
                              .roots = ic_buf_view(&roots),
                              .seq = 1,
                              .meeting_key = ic_sign_key_public(key)};
    return ic_rules_terms_sign(&t, NULL, key, out);
}

ic_err ic_meeting_make(const struct ic_meeting_plan *p, const struct ic_rand *rand,
                       struct ic_meeting_made *out)
{
    struct ic_meeting_made made = {.link = {.ref_kind = IC_WIRE_REF_ID, .pinned = true}};
    const struct ic_suite *suite = ic_suite_find(p->suite);
    struct ic_sign_key *key;
    if (!suite)
        return IC_ERR_UNSUPPORTED;
    if (p->host_count == 0 || (p->admission == IC_WIRE_VERIFIED_ADMITTED && p->root_count == 0))
        return IC_ERR_ARG;
    ic_buf_init(&made.terms, 1 << 20);
    IC_TRY(ic_rand_fill(rand, made.id, sizeof made.id));
    IC_TRY(ic_rand_fill(rand, made.link.join_secret, sizeof made.link.join_secret));
    IC_TRY(ic_sign_key_generate(suite->sig, rand, &key));
    ic_hash_once(IC_SHA256, ic_sign_key_public(key), made.link.meeting_key_hash);
    ic_base64_encode(IC_BASE64_URL, IC_VIEW_ARRAY(made.id), made.link.ref);
    ic_err e = sign_terms(p, &made, key, &made.terms);
    ic_sign_key_free(key);
    if (e != IC_OK)
        ic_meeting_made_clear(&made);
    else
        *out = made;
    return e;
}

void ic_meeting_made_clear(struct ic_meeting_made *m)
{
    ic_buf_clear(&m->terms);
    ic_wipe(&m->link, sizeof m->link);
}
