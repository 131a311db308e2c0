/* One member's view of a log, without a meeting: staples, what others say, proofs, and a log that lies. */
#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/together/kinds.h>
#include <ic/together/logs.h>
#include <keeper.h>
#include <maker.h>
#include <stdlib.h>
#include <string.h>

enum { NOW_S = MAKER_NOW, ENTRIES = 24 };
#define NOW_MS ((uint64_t)NOW_S * 1000)

struct world {
    struct maker m;
    struct ic_view root_der;
    struct ic_pki_cert root;
    struct ic_pki_chain ana, never; /* never: the same names, and in no log */
    struct keeper good, bad;        /* entry 5 is Ana's; from 10 on bad has others */
    struct ic_sign_key *key;
    struct ic_together_logs *logs;
};

static ic_err chain_of(struct world *w, struct ic_view leaf, struct ic_pki_chain *out)
{
    struct ic_buf bytes;
    ic_buf_init(&bytes, 1 << 16);
    struct ic_view both[] = {leaf, w->root_der};
    ic_err e = ic_pki_chain_encode(both, 2, &bytes);
    struct ic_view kept = {0};
    if (e == IC_OK)
        e = ic_arena_copy(&w->m.arena, ic_buf_view(&bytes), &kept);
    ic_buf_clear(&bytes);
    IC_TRY(e);
    return ic_pki_chain_decode(kept, 0, out, NULL);
}

static struct ic_view leaf_of(struct world *w, const struct maker_key *ca)
{
    return maker_cert(&w->m, &(struct maker_spec){.subject = "CN=Ana",
                                                  .issuer = "CN=Ring",
                                                  .key = maker_key(&w->m, IC_ECDSA_P256_SHA256),
                                                  .signer = ca,
                                                  .names = "email:ana@ring.example"});
}

static void fill(struct world *w, struct keeper *k, uint32_t salt)
{
    keeper_init(k, w->key);
    keeper_fill(k, 5, 0);
    keeper_add(k, &w->ana.certs[0], &w->root);
    keeper_fill(k, 4, 0);
    keeper_fill(k, ENTRIES - 10, salt);
}

static void world_clear(struct world *w)
{
    maker_clear(&w->m);
    ic_sign_key_free(w->key);
    ic_together_logs_free(w->logs);
}

static ic_err world_init(struct world *w)
{
    struct ic_rand rand = ic_test_os_rand();
    maker_init(&w->m, 3);
    const struct maker_key *ca = maker_key(&w->m, IC_ECDSA_P256_SHA256);
    w->root_der =
        maker_cert(&w->m, &(struct maker_spec){.subject = "CN=Ring", .key = ca, .ca = true});
    IC_TRY(ic_pki_cert_decode(w->root_der, &w->root, NULL));
    IC_TRY(chain_of(w, leaf_of(w, ca), &w->ana));
    IC_TRY(chain_of(w, leaf_of(w, ca), &w->never));
    IC_TRY(ic_sign_key_generate(IC_ECDSA_P256_SHA256, &rand, &w->key));
    fill(w, &w->good, 0);
    fill(w, &w->bad, 1);
    IC_TRY(ic_together_logs_new(&w->logs));
    struct ic_merkle_log log = keeper_log(&w->good);
    return ic_together_logs_add(w->logs, w->root.fingerprint, &log);
}

static const char *judge(struct world *w, const struct ic_pki_chain *chain,
                         struct ic_view staple_of)
{
    return ic_together_logs_judge(w->logs, chain, &w->root, staple_of, NOW_S);
}

/* Ana, by a staple of this size from that keeper. */
static const char *judge_ana(struct world *w, struct keeper *k, uint64_t size)
{
    IC_BUF_SCOPE(b, IC_MERKLE_STAPLE_MAX);
    keeper_staple(k, 5, size, &b);
    return judge(w, &w->ana, ic_buf_view(&b));
}

static bool is(const char *a, const char *b)
{
    if (strcmp(a, b) != 0)
        ic_test_fail(__FILE__, __LINE__, "\"%s\", not \"%s\"", a, b);
    return strcmp(a, b) == 0;
}

TEST(log_certificate_never_logged_is_not_internal)
{
    IC_CLEANUP(world_clear) struct world w = {0};
    IC_BUF_SCOPE(b, IC_MERKLE_STAPLE_MAX);
    CHECK_OK(world_init(&w));
    CHECK(is(judge_ana(&w, &w.good, 20), ""));
    CHECK(is(judge(&w, &w.ana, ic_view(NULL, 0)), "not-logged"));
    /* Issued by the CA beside the log: another's staple does not serve. */
    keeper_staple(&w.good, 5, 20, &b);
    CHECK(is(judge(&w, &w.never, ic_buf_view(&b)), "not-logged"));
    b.p[b.len - 40] ^= 1; /* in the signature of the head */
    CHECK(is(judge(&w, &w.ana, ic_buf_view(&b)), "not-logged"));
}

TEST(log_of_another_does_not_vouch_for_a_root)
{
    IC_CLEANUP(world_clear) struct world w = {0}, other = {0};
    CHECK_OK(world_init(&w));
    CHECK_OK(world_init(&other));
    /* The same entries, signed by a log that is another root's, known here too. */
    struct ic_merkle_log log = keeper_log(&other.good);
    uint8_t elsewhere[32] = {9};
    CHECK_OK(ic_together_logs_add(w.logs, elsewhere, &log));
    w.good.key = other.key;
    CHECK(is(judge_ana(&w, &w.good, 20), "not-logged"));
    w.good.key = w.key;
    CHECK(is(judge_ana(&w, &w.good, 20), ""));
    /* A root without a log is asked for nothing. */
    w.root.fingerprint[0] ^= 1;
    CHECK(is(judge(&w, &w.ana, ic_view(NULL, 0)), ""));
}

static struct ic_meeting_event said(const struct ic_merkle_head *heads, size_t n)
{
    struct ic_meeting_event e = {.type = IC_MEETING_EV_SAID, .kind = IC_TOGETHER_HEADS};
    struct ic_together_heads h = {.count = n};
    memcpy(h.head, heads, n * sizeof *heads);
    ic_buf_init(&e.text, 1 << 16);
    if (ic_together_heads_encode(&h, &e.text) != IC_OK)
        abort();
    return e;
}

static void hear(struct world *w, struct ic_merkle_head h)
{
    struct ic_meeting_event e = said(&h, 1);
    CHECK(ic_together_logs_meeting(w->logs, NULL, &e, NOW_MS));
    ic_meeting_event_clear(&e);
}

/* The next event of a type; others are passed over. */
static bool next(struct world *w, enum ic_together_logs_event_type type,
                 struct ic_together_logs_event *out)
{
    while (ic_together_logs_next(w->logs, out))
        if (out->type == type)
            return true;
    return false;
}

static void prove(struct world *w, struct keeper *k, const struct ic_merkle_ask *ask,
                  uint64_t now_ms)
{
    IC_BUF_SCOPE(b, 4096);
    keeper_consistency(k, ask->first, ask->second, &b);
    ic_together_logs_prove(w->logs, ask, ic_buf_view(&b), now_ms);
}

TEST(log_that_forks_is_seen_by_gossip_and_nobody_is_internal)
{
    IC_CLEANUP(world_clear) struct world w = {0};
    struct ic_together_logs_event e;
    CHECK_OK(world_init(&w));
    CHECK(is(judge_ana(&w, &w.good, 20), ""));
    CHECK(!ic_together_logs_run(w.logs, NULL, NOW_MS));
    hear(&w, keeper_head(&w.bad, 20, NOW_MS)); /* what the log showed somebody else */
    CHECK(ic_together_logs_run(w.logs, NULL, NOW_MS));
    CHECK(next(&w, IC_TOGETHER_LOGS_ALERT, &e));
    CHECK(is(e.rule, "log-fork"));
    CHECK_EQ_INT(e.fork[0].size, e.fork[1].size);
    CHECK(is(judge_ana(&w, &w.good, 20), "log-fork"));
    CHECK(!ic_together_logs_run(w.logs, NULL, NOW_MS + 1000000)); /* said once */

    IC_BUF_SCOPE(json, 4096);
    CHECK_OK(ic_together_logs_json(&e, 5, &json));
    CHECK_OK(ic_buf_append(&json, ic_view("", 1)));
    CHECK(strstr((char *)json.p,
                 "{\"event\":\"alert\",\"time_ms\":5,\"rule\":\"log-fork\",\"text\":\""));
    CHECK(strstr((char *)json.p, "\"heads\":[\""));

    /* It is kept: the next meeting knows from the start. */
    IC_BUF_SCOPE(kept, IC_MERKLE_HEADS_MAX);
    CHECK_OK(ic_together_logs_save(w.logs, &kept));
    struct ic_merkle_log log = keeper_log(&w.good);
    ic_together_logs_free(w.logs);
    CHECK_OK(ic_together_logs_new(&w.logs));
    CHECK_OK(ic_together_logs_add(w.logs, w.root.fingerprint, &log));
    CHECK_OK(ic_together_logs_load(w.logs, ic_buf_view(&kept)));
    CHECK(is(judge_ana(&w, &w.good, 20), "log-fork"));
}

TEST(log_that_grows_is_asked_for_proof_and_believed)
{
    IC_CLEANUP(world_clear) struct world w = {0};
    struct ic_together_logs_event e;
    CHECK_OK(world_init(&w));
    CHECK(is(judge_ana(&w, &w.good, 12), ""));
    ic_together_logs_run(w.logs, NULL, NOW_MS);
    CHECK(next(&w, IC_TOGETHER_LOGS_KEEP, &e));
    CHECK(is(judge_ana(&w, &w.good, 20), "")); /* not proved yet, and time is left */
    CHECK_EQ_INT(ic_together_logs_deadline_ms(w.logs), NOW_MS);
    ic_together_logs_run(w.logs, NULL, NOW_MS);
    CHECK(next(&w, IC_TOGETHER_LOGS_ASK, &e));
    CHECK_EQ_INT(e.ask.first, 12);
    CHECK_EQ_INT(e.ask.second, 20);
    prove(&w, &w.good, &e.ask, NOW_MS);
    CHECK(!ic_together_logs_run(w.logs, NULL, NOW_MS));
    CHECK(next(&w, IC_TOGETHER_LOGS_KEEP, &e));
    CHECK(!ic_together_logs_run(w.logs, NULL, NOW_MS + 1000000));
    CHECK(!ic_together_logs_next(w.logs, &e));
    CHECK(ic_together_logs_deadline_ms(w.logs) == UINT64_MAX);
}

TEST(log_that_rewrites_an_entry_finds_no_proof)
{
    IC_CLEANUP(world_clear) struct world w = {0};
    struct ic_together_logs_event e;
    CHECK_OK(world_init(&w));
    CHECK(is(judge_ana(&w, &w.good, 12), ""));
    CHECK(is(judge_ana(&w, &w.bad, 20), ""));
    ic_together_logs_run(w.logs, NULL, NOW_MS);
    CHECK(next(&w, IC_TOGETHER_LOGS_ASK, &e));
    prove(&w, &w.bad, &e.ask, NOW_MS);
    CHECK(ic_together_logs_run(w.logs, NULL, NOW_MS));
    CHECK(next(&w, IC_TOGETHER_LOGS_ALERT, &e));
    CHECK(is(e.rule, "log-withholds"));
    CHECK(is(judge_ana(&w, &w.good, 12), "log-withholds"));
}

TEST(log_that_withholds_consistency_is_named_and_forgiven_when_it_answers)
{
    IC_CLEANUP(world_clear) struct world w = {0};
    struct ic_together_logs_event ask, e;
    CHECK_OK(world_init(&w));
    CHECK(is(judge_ana(&w, &w.good, 12), ""));
    hear(&w, keeper_head(&w.good, 20, NOW_MS));
    ic_together_logs_run(w.logs, NULL, NOW_MS);
    CHECK(next(&w, IC_TOGETHER_LOGS_ASK, &ask));
    uint64_t late = NOW_MS + IC_MERKLE_PATIENCE_MS;
    CHECK(!ic_together_logs_run(w.logs, NULL, late - 1));
    CHECK(ic_together_logs_run(w.logs, NULL, late));
    CHECK(next(&w, IC_TOGETHER_LOGS_ALERT, &e));
    CHECK(is(e.rule, "log-withholds"));
    ic_together_logs_prove(w.logs, &ask.ask, IC_VIEW_STR("nonsense"), late);
    CHECK(!ic_together_logs_run(w.logs, NULL, late));
    prove(&w, &w.good, &ask.ask, late);
    CHECK(ic_together_logs_run(w.logs, NULL, late));
    CHECK(next(&w, IC_TOGETHER_LOGS_ALERT, &e));
    CHECK(is(e.rule, "log-answers"));
    CHECK(is(judge_ana(&w, &w.good, 12), ""));
}

TEST(log_heads_that_are_forged_or_foreign_move_nothing)
{
    IC_CLEANUP(world_clear) struct world w = {0}, other = {0};
    struct ic_together_logs_event e;
    CHECK_OK(world_init(&w));
    CHECK_OK(world_init(&other));
    CHECK(is(judge_ana(&w, &w.good, 20), ""));
    struct ic_merkle_head forged = keeper_head(&w.bad, 20, NOW_MS);
    forged.signature[10] ^= 1;
    hear(&w, forged);
    hear(&w, keeper_head(&other.bad, 20, NOW_MS));
    struct ic_meeting_event noise = {.type = IC_MEETING_EV_SAID, .kind = IC_TOGETHER_HEADS};
    CHECK(ic_together_logs_meeting(w.logs, NULL, &noise, NOW_MS));
    noise.kind = IC_TOGETHER_LINE;
    CHECK(!ic_together_logs_meeting(w.logs, NULL, &noise, NOW_MS));
    CHECK(!ic_together_logs_run(w.logs, NULL, NOW_MS));
    CHECK(!next(&w, IC_TOGETHER_LOGS_ALERT, &e));
    CHECK(is(judge_ana(&w, &w.good, 20), ""));
}

TEST(log_heads_body_codec)
{
    IC_CLEANUP(world_clear) struct world w = {0};
    struct ic_together_heads back;
    CHECK_OK(world_init(&w));
    struct ic_merkle_head two[] = {keeper_head(&w.good, 4, NOW_MS),
                                   keeper_head(&w.good, 9, NOW_MS)};
    struct ic_meeting_event e = said(two, 2);
    CHECK_OK(ic_together_heads_decode(ic_buf_view(&e.text), &back));
    CHECK_EQ_INT(back.count, 2);
    CHECK_EQ_INT(back.head[1].size, 9);
    for (size_t n = 0; n < e.text.len; n++)
        CHECK(ic_together_heads_decode(ic_view(e.text.p, n), &back) != IC_OK);
    e.text.p[0] = 2;
    CHECK_ERR(ic_together_heads_decode(ic_buf_view(&e.text), &back), IC_ERR_UNSUPPORTED);
    CHECK_ERR(ic_together_heads_decode(ic_view("\1\0", 2), &back), IC_ERR_MALFORMED);
    ic_meeting_event_clear(&e);
    struct ic_merkle_head many[IC_TOGETHER_LOGS_HEADS + 1];
    IC_BUF_SCOPE(b, 1 << 16);
    struct ic_writer wr = ic_writer(&b);
    ic_write_u8(&wr, 1);
    size_t mark = ic_write_open(&wr);
    for (size_t i = 0; i < IC_ARRAY_LEN(many); i++) {
        IC_BUF_SCOPE(one, IC_MERKLE_HEAD_MAX);
        CHECK_OK(ic_merkle_head_encode(&two[0], &one));
        ic_write_vec(&wr, ic_buf_view(&one));
    }
    ic_write_close(&wr, mark);
    CHECK_OK(ic_writer_end(&wr));
    CHECK_ERR(ic_together_heads_decode(ic_buf_view(&b), &back), IC_ERR_LIMIT);
}
