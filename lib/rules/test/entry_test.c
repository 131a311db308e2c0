#include "world.h"
#include <ic/crypto/hash.h>
#include <ic/mlspub/codec.h>
#include <string.h>

static uint8_t pin[32];

static struct ic_rules_entry entry(struct world *w, int signer)
{
    ic_hash_once(IC_SHA256, key_of(w, METER), pin);
    return (struct ic_rules_entry){.context = &w->context,
                                   .signer = key_of(w, signer),
                                   .pin = IC_VIEW_ARRAY(pin),
                                   .meeting_id = IC_VIEW_STR("0123456789abcdef"),
                                   .join_secret = IC_VIEW_STR("join secret"),
                                   .ref = IC_VIEW_STR("our ref")};
}

static bool refused(const struct ic_rules_entry *e, const char *rule)
{
    struct ic_rules_fault f = {"", 0};
    enum ic_rules_vouched by;
    uint64_t time_ms;
    return ic_rules_enter(e, &by, &time_ms, &f) == IC_ERR_RULE && strcmp(f.rule, rule) == 0;
}

static int entered(const struct ic_rules_entry *e)
{
    enum ic_rules_vouched by;
    uint64_t time_ms;
    return ic_rules_enter(e, &by, &time_ms, NULL) == IC_OK ? (int)by : -1;
}

TEST(enter_by_a_host)
{
    WORLD(w);
    struct ic_rules_entry e = entry(&w, COHOST);
    CHECK_EQ_INT(entered(&e), IC_RULES_BY_HOST);
    e = entry(&w, GUEST);
    CHECK(refused(&e, "entry-not-vouched"));
    e.pin = ic_view(NULL, 0);
    CHECK_EQ_INT(entered(&e), IC_RULES_BY_NOBODY); /* by number: not bound to a link */
}

TEST(enter_another_meeting)
{
    WORLD(w);
    struct ic_rules_entry e = entry(&w, COHOST);
    e.meeting_id = IC_VIEW_STR("another meeting!");
    CHECK(refused(&e, "entry-meeting"));
    e = entry(&w, COHOST);
    pin[3] ^= 1;
    CHECK(refused(&e, "terms-pin"));
    e = entry(&w, COHOST);
    e.admission = IC_VIEW_STR("junk");
    CHECK(refused(&e, "entry-admission"));
    w.context.extensions = ic_view(NULL, 0);
    e.admission = ic_view(NULL, 0);
    CHECK(refused(&e, "terms-missing"));
}

static void admission(struct world *w, int witness_of, struct ic_view tickets, struct ic_buf *out)
{
    uint8_t witness[32];
    ic_rules_witness(IC_VIEW_STR("join secret"), w->context.group_id, key_of(w, witness_of),
                     witness);
    struct ic_wire_admission a = {1, 77, IC_VIEW_ARRAY(witness), tickets};
    ic_buf_reset(out);
    CHECK_OK(ic_wire_admission_encode(&a, out));
}

/* A server that copies terms and witness into a group of its own has no key of a member to sign with. */
TEST(enter_by_a_witness)
{
    WORLD(w);
    IC_BUF_SCOPE(a, 1000);
    struct ic_rules_entry e = entry(&w, GUEST);
    admission(&w, GUEST, ic_view(NULL, 0), &a);
    e.admission = ic_buf_view(&a);
    CHECK(refused(&e, "entry-not-vouched")); /* hosts admit here */
    e.own_key = key_of(&w, ORGANISER);
    CHECK_EQ_INT(entered(&e), IC_RULES_BY_LINK); /* a host returns */
    e.own_key = ic_view(NULL, 0);
    e.ref = ic_view(NULL, 0);
    CHECK_EQ_INT(entered(&e), IC_RULES_BY_LINK); /* a resync */
    e.ref = IC_VIEW_STR("our ref");
    struct ic_wire_terms t = world_terms(&w);
    t.admission = IC_WIRE_LINK_ADMITS;
    t.seq++;
    world_resign(&w, &t, ORGANISER);
    CHECK_EQ_INT(entered(&e), IC_RULES_BY_LINK);
    e.signer = key_of(&w, STRANGER);
    CHECK(refused(&e, "entry-not-vouched"));
    e.signer = key_of(&w, GUEST);
    e.join_secret = IC_VIEW_STR("another");
    CHECK(refused(&e, "entry-not-vouched"));
}

TEST(enter_by_a_ticket)
{
    WORLD(w);
    uint8_t sig[IC_SIG_MAX];
    IC_BUF_SCOPE(tickets, 1000);
    IC_BUF_SCOPE(a, 2000);
    struct ic_rules_entry e = entry(&w, GUEST);
    struct ic_wire_ticket t = {.ref = e.ref, .bearer = key_of(&w, GUEST), .expiry_ms = 100};
    CHECK_OK(ic_rules_ticket_sign(w.context.group_id, w.key[ORGANISER], &t, sig));
    CHECK_OK(ic_wire_ticket_add(&tickets, &t));
    admission(&w, STRANGER, ic_buf_view(&tickets), &a);
    e.admission = ic_buf_view(&a);
    CHECK_EQ_INT(entered(&e), IC_RULES_BY_TICKET);
    e.signer = key_of(&w, STRANGER);
    CHECK(refused(&e, "entry-not-vouched"));
}

static bool group_refused(struct world *w, int creator, const char *rule)
{
    struct ic_rules_fault f = {"", 0};
    ic_err e = ic_rules_new_group(&w->context, &w->leaf[creator], ic_view(NULL, 0), 2000, &f);
    return e == IC_ERR_RULE && strcmp(f.rule, rule) == 0;
}

TEST(new_group)
{
    WORLD(w);
    CHECK(group_refused(&w, ORGANISER, "group-not-new"));
    w.context.epoch = 0;
    CHECK_OK(ic_rules_new_group(&w.context, &w.leaf[ORGANISER], ic_view(NULL, 0), 2000, NULL));
    CHECK(group_refused(&w, GUEST, "group-without-host"));
    w.leaf[ORGANISER].credential.identity = ic_view(NULL, 0);
    CHECK(group_refused(&w, ORGANISER, "group-credential"));
    w.context.suite = 2;
    CHECK(group_refused(&w, COHOST, "group-suite"));
    w.context.suite = 1;
    struct ic_writer wr = ic_writer(&w.extensions);
    ic_mlspub_extension_write(&wr, 0xF000, IC_VIEW_STR("?"));
    CHECK_OK(ic_writer_end(&wr));
    w.context.extensions = ic_buf_view(&w.extensions);
    CHECK(group_refused(&w, COHOST, "group-extensions"));
}

TEST(proofs_are_bound)
{
    uint8_t a[32], b[32];
    struct ic_view s = IC_VIEW_STR("s"), g = IC_VIEW_STR("g"), r = IC_VIEW_STR("r");
    ic_rules_proof(s, g, r, a);
    ic_rules_witness(s, g, r, b);
    CHECK(memcmp(a, b, 32) != 0);
    ic_rules_proof(s, IC_VIEW_STR("gr"), ic_view(NULL, 0), b);
    CHECK(memcmp(a, b, 32) != 0);
    ic_rules_proof(IC_VIEW_STR("t"), g, r, b);
    CHECK(memcmp(a, b, 32) != 0);
}

TEST(commit_time_of_data)
{
    uint64_t t = 5;
    CHECK_ERR(ic_rules_commit_time(IC_VIEW_STR(""), &t), IC_ERR_RULE);
    CHECK_EQ_INT(t, 5);
    CHECK_OK(ic_rules_commit_time(IC_VIEW_STR("\1\0\0\0\0\0\0\0\x09\0\0"), &t));
    CHECK_EQ_INT(t, 9);
}
