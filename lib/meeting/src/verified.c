/* "Verified members only" as this device lives by it: who is let in, what a newcomer lacks, and whom the group takes
 * out when their time is over. Who is verified here is judged by the terms, not by what this viewer trusts. */
#include "internal.h"
#include <stdio.h>
#include <string.h>

enum { TRY_AGAIN_MS = 60000 };

bool ic_meeting_verified_only(const struct ic_meeting *m)
{
    struct ic_wire_terms t;
    return ic_meeting_current_terms(m, &t) && ic_rules_verified_only(&t);
}

/* "" where the terms ask for nothing that the leaf lacks. */
const char *ic_meeting_verified_lacks(const struct ic_meeting *m,
                                      const struct ic_mlspub_leaf_node *leaf)
{
    struct ic_wire_terms t;
    struct ic_rules_standing s;
    if (!ic_meeting_current_terms(m, &t) || !ic_rules_verified_only(&t))
        return "";
    if (ic_rules_standing(&t, leaf, ic_meeting_commit_time(m), &s) != IC_OK)
        return "failed";
    return s.reason;
}

const char *ic_meeting_verified_own_lacks(const struct ic_meeting *m)
{
    struct ic_mlspub_leaf_node leaf = {.signature_key = ic_meeting_own_key(m)};
    IC_IGNORE(ic_meeting_identity_own(m, &leaf.credential));
    return ic_meeting_verified_lacks(m, &leaf);
}

void ic_meeting_verified_refused(struct ic_meeting *m, const char *lacks)
{
    static const char lead[] = "This meeting is for verified people alone, and";
    char text[240];
    if (strcmp(lacks, "no-certificate") == 0)
        snprintf(
            text, sizeof text,
            "%s this device has no certificate: enrol with your organisation, then come again.",
            lead);
    else if (strcmp(lacks, "expired") == 0)
        snprintf(text, sizeof text, "%s this device's certificate ran out: renew it.", lead);
    else if (strcmp(lacks, "no-root") == 0)
        snprintf(text, sizeof text,
                 "%s none of the authorities that it accepts vouches for this device.", lead);
    else
        snprintf(text, sizeof text, "%s this device's certificate is not good (%s).", lead,
                 lacks[0] ? lacks : "the server's clock says so");
    struct ic_meeting_event *e = ic_meeting_new_event(m, IC_MEETING_EV_REFUSED);
    ic_meeting_set_rule(e, "refused-not-verified");
    ic_meeting_set_text(e, text);
    ic_meeting_end_meeting(m, "refused-not-verified", text);
}

/* ---- whose time is over ---- */

/* The last second at which the terms' roots vouch for the leaf, as far as one can tell now. */
static int64_t until_s(const struct ic_wire_terms *t, const struct ic_mlspub_leaf_node *leaf,
                       uint64_t now_ms)
{
    struct ic_rules_standing s;
    if (ic_rules_standing(t, leaf, now_ms, &s) == IC_OK && s.verified)
        return s.until_s;
    if (now_ms > IC_RULES_GRACE_MS &&
        ic_rules_standing(t, leaf, now_ms - IC_RULES_GRACE_MS, &s) == IC_OK && s.verified)
        return s.until_s;
    return 0; /* never, or long ago */
}

void ic_meeting_verified_look(struct ic_meeting *m, struct person *p,
                              const struct ic_mlspub_leaf_node *leaf)
{
    struct ic_wire_terms t;
    p->terms_until_s = INT64_MAX;
    p->over_at_ms = NEVER;
    p->over_told = false;
    if (!ic_meeting_current_terms(m, &t) || !ic_rules_verified_only(&t))
        return;
    p->terms_until_s = until_s(&t, leaf, ic_meeting_commit_time(m));
    uint64_t over = ((uint64_t)p->terms_until_s + 1) * 1000 + IC_RULES_GRACE_MS;
    over = over > m->now_ms ? over - m->now_ms : 0;
    /* Hosts first, then those who can show newcomers a witness; whoever comes later finds nobody to take out. */
    p->over_at_ms = ic_meeting_is_host(m)
                        ? ic_meeting_jitter(m, over + 1, over + BATCH_MS)
                        : ic_meeting_jitter(m, over + 3 * BATCH_MS, over + STEP_ASIDE_MS);
}

void ic_meeting_verified_look_all(struct ic_meeting *m)
{
    struct ic_mlspub_leaf_node leaf;
    for (size_t i = 0; m->group && i < m->person_count; i++)
        if (m->people[i].to == NEVER && ic_mls_leaf(m->group, m->people[i].leaf, &leaf) == IC_OK)
            ic_meeting_verified_look(m, &m->people[i], &leaf);
}

/* By the server's clock too: where ours is ahead by minutes nobody goes too early, and a server that lies about the time
 * can make us slow by so much and no more. */
bool ic_meeting_verified_is_over(const struct ic_meeting *m, const struct person *p)
{
    uint64_t commit_ms = ic_meeting_commit_time(m);
    uint64_t server_ms = m->now_ms + m->server_ahead_ms;
    uint64_t least_ms = m->now_ms > CLOCK_OFF_MS ? m->now_ms - CLOCK_OFF_MS : 0;
    if (p->terms_until_s == INT64_MAX)
        return false;
    uint64_t over_ms = ((uint64_t)p->terms_until_s + 1) * 1000 + IC_RULES_GRACE_MS;
    return over_ms <= commit_ms && over_ms <= (server_ms > least_ms ? server_ms : least_ms);
}

bool ic_meeting_verified_is_revoked(const struct ic_meeting_person *who)
{
    return strcmp(who->reason, "revoked") == 0;
}

void ic_meeting_verified_revoked(struct ic_meeting *m, struct person *p)
{
    struct ic_view key = ic_view(p->key, p->key_len);
    uint64_t since_ms = m->now_ms;
    if (!ic_meeting_verified_is_revoked(&p->who)) {
        p->revoked_ms = 0;
        return;
    }
    for (size_t i = 0; i < m->person_count; i++) {
        const struct person *o = &m->people[i];
        if (o->revoked_ms && o->revoked_ms < since_ms &&
            ic_view_equal(ic_view(o->key, o->key_len), key))
            since_ms = o->revoked_ms;
    }
    p->revoked_ms = since_ms;
}

static uint64_t revoked_due(const struct ic_meeting *m, const struct person *p)
{
    return p->revoked_ms && p->terms_until_s < INT64_MAX && ic_meeting_is_host(m)
               ? p->revoked_ms + IC_RULES_GRACE_MS
               : NEVER;
}

static uint64_t own_end_ms(const struct person *p)
{
    return p->over_told || p->terms_until_s >= INT64_MAX / 1000
               ? NEVER
               : ((uint64_t)p->terms_until_s + 1) * 1000;
}

uint64_t ic_meeting_verified_deadline(const struct ic_meeting *m)
{
    uint64_t at = NEVER;
    uint32_t own = ic_meeting_own_leaf(m);
    for (size_t i = 0; m->group && i < m->person_count; i++) {
        const struct person *p = &m->people[i];
        if (p->to != NEVER)
            continue;
        uint64_t due = p->leaf == own ? own_end_ms(p) : p->over_at_ms;
        if (p->leaf != own && revoked_due(m, p) < due)
            due = revoked_due(m, p);
        at = due < at ? due : at;
    }
    return at;
}

static void tell_own_end(struct ic_meeting *m, struct person *p)
{
    p->over_told = true;
    ic_meeting_alert(m, "certificate-over", p->leaf,
                     "Your certificate ran out: renew it within a minute, or the meeting, which is "
                     "for verified people alone, goes on without you.");
}

/* What is public, any member takes care of; a revocation only its viewer knows, so hosts decide by theirs. */
static void take_out(struct ic_meeting *m, struct person *p)
{
    if (p->over_at_ms <= m->now_ms) {
        p->over_at_ms = m->now_ms + TRY_AGAIN_MS;
        if (ic_meeting_verified_is_over(m, p))
            ic_meeting_removal_quiet(m, p);
    }
    if (revoked_due(m, p) <= m->now_ms) {
        p->revoked_ms = m->now_ms;
        ic_meeting_alert(m, "certificate-revoked", p->leaf,
                         "This participant's certificate was revoked a minute ago: this device, a "
                         "host's, removes them.");
        IC_IGNORE(ic_meeting_remove(m, p->leaf, m->now_ms));
    }
}

void ic_meeting_verified_tick(struct ic_meeting *m)
{
    uint32_t own = ic_meeting_own_leaf(m);
    if (ic_meeting_verified_deadline(m) > m->now_ms)
        return;
    for (size_t i = 0; m->group && i < m->person_count; i++) {
        struct person *p = &m->people[i];
        if (p->to == NEVER && p->leaf != own)
            take_out(m, p);
        else if (p->to == NEVER && own_end_ms(p) <= m->now_ms)
            tell_own_end(m, p);
    }
}
