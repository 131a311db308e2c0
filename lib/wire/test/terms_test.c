#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/wire/message.h>
#include <ic/wire/terms.h>
#include <string.h>

static const uint8_t hash[32] = {1, 2, 3};

struct sample {
    struct ic_buf hosts, roots, barred, chain;
    struct ic_wire_terms t;
};

static void sample_clear(struct sample *s)
{
    ic_buf_clear(&s->hosts);
    ic_buf_clear(&s->roots);
    ic_buf_clear(&s->barred);
    ic_buf_clear(&s->chain);
}

static struct sample sample(void)
{
    struct sample s = {0};
    struct ic_buf *lists[] = {&s.hosts, &s.roots, &s.barred, &s.chain};
    for (size_t i = 0; i < IC_ARRAY_LEN(lists); i++)
        ic_buf_init(lists[i], 1 << 20);
    IC_IGNORE(ic_wire_list_add(&s.hosts, IC_VIEW_STR("host one")));
    IC_IGNORE(ic_wire_list_add(&s.hosts, IC_VIEW_STR("host two")));
    IC_IGNORE(ic_wire_list_add(&s.roots, IC_VIEW_ARRAY(hash)));
    IC_IGNORE(ic_wire_list_add(&s.barred, IC_VIEW_ARRAY(hash)));
    IC_IGNORE(ic_wire_list_add(&s.chain, IC_VIEW_STR("former terms")));
    s.t = (struct ic_wire_terms){.version = 1,
                                 .meeting_id = IC_VIEW_STR("0123456789abcdef"),
                                 .kind = IC_WIRE_PERSONAL,
                                 .suite = 2,
                                 .sframe_suite = 4,
                                 .admission = IC_WIRE_LINK_ADMITS,
                                 .locked = 1,
                                 .watermark = 1,
                                 .recording = 0,
                                 .hosts = ic_buf_view(&s.hosts),
                                 .roots = ic_buf_view(&s.roots),
                                 .barred = ic_buf_view(&s.barred),
                                 .seq = 9,
                                 .meeting_key = IC_VIEW_STR("meeting key"),
                                 .signer = IC_VIEW_STR("signer"),
                                 .signature = IC_VIEW_STR("signature"),
                                 .chain = ic_buf_view(&s.chain)};
    return s;
}
#define SAMPLE(name) __attribute__((cleanup(sample_clear))) struct sample name = sample()

TEST(terms_round_trip)
{
    SAMPLE(s);
    IC_BUF_SCOPE(a, 1 << 20);
    IC_BUF_SCOPE(b, 1 << 20);
    IC_BUF_SCOPE(tbs, 1 << 20);
    struct ic_wire_terms t;
    CHECK_OK(ic_wire_terms_encode(&s.t, &a));
    CHECK_OK(ic_wire_terms_encode_tbs(&s.t, &tbs));
    CHECK_OK(ic_wire_terms_decode(ic_buf_view(&a), &t));
    CHECK_BYTES(t.tbs, ic_buf_view(&tbs));
    CHECK_BYTES(t.signature, IC_VIEW_STR("signature"));
    CHECK_EQ_INT(t.seq, 9);
    CHECK(ic_wire_list_has(t.hosts, IC_VIEW_STR("host two")));
    CHECK(!ic_wire_list_has(t.hosts, IC_VIEW_STR("host")));
    CHECK_OK(ic_wire_terms_encode(&t, &b));
    CHECK_BYTES(ic_buf_view(&b), ic_buf_view(&a));
}

TEST(terms_refuse_truncation_and_trailing)
{
    SAMPLE(s);
    IC_BUF_SCOPE(a, 1 << 20);
    struct ic_wire_terms t = {.seq = 77};
    CHECK_OK(ic_wire_terms_encode(&s.t, &a));
    for (size_t n = 0; n < a.len; n++)
        CHECK(ic_wire_terms_decode(ic_view(a.p, n), &t) != IC_OK && t.seq == 77);
    CHECK_OK(ic_buf_append(&a, IC_VIEW_STR("x")));
    CHECK_ERR(ic_wire_terms_decode(ic_buf_view(&a), &t), IC_ERR_TRAILING);
}

TEST(terms_survive_every_flipped_bit)
{
    SAMPLE(s);
    IC_BUF_SCOPE(a, 1 << 20);
    CHECK_OK(ic_wire_terms_encode(&s.t, &a));
    for (size_t n = 0; n < a.len * 8; n++) {
        IC_BUF_SCOPE(b, 1 << 20);
        struct ic_wire_terms t;
        a.p[n / 8] ^= (uint8_t)(1 << n % 8);
        if (ic_wire_terms_decode(ic_buf_view(&a), &t) == IC_OK) {
            CHECK_OK(ic_wire_terms_encode(&t, &b));
            CHECK_BYTES(ic_buf_view(&b), ic_buf_view(&a));
        }
        a.p[n / 8] ^= (uint8_t)(1 << n % 8);
    }
}

TEST(terms_keep_limits)
{
    SAMPLE(s);
    IC_BUF_SCOPE(many, 1 << 20);
    IC_BUF_SCOPE(a, 1 << 20);
    for (size_t i = 0; i <= IC_WIRE_HOSTS_MAX; i++)
        CHECK_OK(ic_wire_list_add(&many, IC_VIEW_STR("h")));
    struct ic_wire_terms rows[9];
    ic_err errs[9] = {IC_ERR_LIMIT,     IC_ERR_RANGE,     IC_ERR_RANGE,
                      IC_ERR_RANGE,     IC_ERR_MALFORMED, IC_ERR_MALFORMED,
                      IC_ERR_TRUNCATED, IC_ERR_MALFORMED, IC_ERR_LIMIT};
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++)
        rows[i] = s.t;
    rows[0].hosts = ic_buf_view(&many);
    rows[1].version = 2;
    rows[2].kind = 4;
    rows[3].locked = 2;
    rows[4].meeting_id = IC_VIEW_STR("short");
    rows[5].roots = IC_VIEW_STR("\x03"
                                "abc");
    rows[6].barred = IC_VIEW_STR("\x20"
                                 "abc");
    rows[7].hosts = IC_VIEW_STR("\0");
    rows[8].chain = ic_buf_view(&many);
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        CHECK_ERR(ic_wire_terms_encode(&rows[i], &a), errs[i]);
        CHECK_EQ_INT(a.len, 0);
    }
}

static void add_ticket(struct ic_buf *list)
{
    struct ic_wire_ticket t = {.ref = IC_VIEW_STR("ref"),
                               .bearer = IC_VIEW_STR("bearer"),
                               .expiry_ms = 5,
                               .host = IC_VIEW_STR("host"),
                               .signature = IC_VIEW_STR("signature")};
    CHECK_OK(ic_wire_ticket_add(list, &t));
}

TEST(commit_data_round_trip)
{
    IC_BUF_SCOPE(tickets, 1000);
    IC_BUF_SCOPE(proofs, 1000);
    IC_BUF_SCOPE(a, 1000);
    IC_BUF_SCOPE(b, 1000);
    add_ticket(&tickets);
    add_ticket(&tickets);
    CHECK_OK(ic_wire_list_add(&proofs, IC_VIEW_ARRAY(hash)));
    struct ic_wire_commit_data d = {1, 123, ic_buf_view(&tickets), ic_buf_view(&proofs)};
    CHECK_OK(ic_wire_commit_data_encode(&d, &a));
    for (size_t n = 0; n < a.len; n++) {
        struct ic_wire_commit_data cut;
        CHECK(ic_wire_commit_data_decode(ic_view(a.p, n), &cut) != IC_OK);
    }
    struct ic_wire_commit_data back;
    CHECK_OK(ic_wire_commit_data_decode(ic_buf_view(&a), &back));
    CHECK_OK(ic_wire_commit_data_encode(&back, &b));
    CHECK_BYTES(ic_buf_view(&b), ic_buf_view(&a));
    struct ic_wire_ticket t;
    struct ic_view rest = back.tickets;
    size_t n = 0;
    while (ic_wire_ticket_next(&rest, &t))
        n++;
    CHECK_EQ_INT(n, 2);
    CHECK_BYTES(t.bearer, IC_VIEW_STR("bearer"));
}

TEST(commit_data_refuses_broken_lists)
{
    IC_BUF_SCOPE(a, 1000);
    struct ic_wire_commit_data d = {1, 123, IC_VIEW_STR("\x05xx"), {0}};
    CHECK_ERR(ic_wire_commit_data_encode(&d, &a), IC_ERR_TRUNCATED);
    d = (struct ic_wire_commit_data){1, 123, {0}, IC_VIEW_STR("\x05xx")};
    CHECK_ERR(ic_wire_commit_data_encode(&d, &a), IC_ERR_TRUNCATED);
    d = (struct ic_wire_commit_data){.version = 0};
    CHECK_ERR(ic_wire_commit_data_encode(&d, &a), IC_ERR_RANGE);
    struct ic_view wire = IC_VIEW_STR("\1\0\0\0\0\0\0\0\7\x01\x09\0");
    CHECK_ERR(ic_wire_commit_data_decode(wire, &d), IC_ERR_TRUNCATED);
}

TEST(admission_round_trip)
{
    IC_BUF_SCOPE(tickets, 1000);
    IC_BUF_SCOPE(a, 1000);
    add_ticket(&tickets);
    struct ic_wire_admission in = {1, 8, IC_VIEW_ARRAY(hash), ic_buf_view(&tickets)}, out;
    CHECK_OK(ic_wire_admission_encode(&in, &a));
    CHECK_OK(ic_wire_admission_decode(ic_buf_view(&a), &out));
    CHECK_BYTES(out.witness, IC_VIEW_ARRAY(hash));
    CHECK_BYTES(out.tickets, ic_buf_view(&tickets));
    for (size_t n = 0; n < a.len; n++)
        CHECK(ic_wire_admission_decode(ic_view(a.p, n), &out) != IC_OK);
    CHECK_OK(ic_buf_append(&a, IC_VIEW_STR("x")));
    CHECK_ERR(ic_wire_admission_decode(ic_buf_view(&a), &out), IC_ERR_TRAILING);
}

TEST(ticket_tbs_binds_all_fields)
{
    IC_BUF_SCOPE(a, 1000);
    struct ic_wire_ticket t = {.ref = IC_VIEW_STR("r"), .bearer = IC_VIEW_STR("b"), .expiry_ms = 1};
    CHECK_OK(ic_wire_ticket_tbs(IC_VIEW_STR("g"), &t, &a));
    CHECK_HEX(ic_buf_view(&a), "0167017201620000000000000001");
}
