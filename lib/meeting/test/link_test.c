#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/meeting/link.h>
#include <ic/rules/rules.h>
#include <string.h>

#define ID "AAECAwQFBgcICQoLDA0ODw"
#define KEY "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define SECRET "AQEBAQEBAQEBAQEBAQEBAQ"

TEST(link_round_trips)
{
    static const char *const rows[] = {
        "https://meet.example.org/m/" ID "#k=" KEY "&s=" SECRET,
        "https://meet.example.org:8443/m/" ID "#k=" KEY "&s=" SECRET "&c=" KEY,
        "https://[2001:db8::1]:8443/m/" ID "#k=" KEY "&s=" SECRET,
        "http://localhost:8080/m/" ID "#k=" KEY "&s=" SECRET,
        "http://[::1]/m/" ID,
        "https://meet.example.org/m/1234567890",
        "https://meet.example.org/m/1234567890#c=" KEY,
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        struct ic_meeting_url u;
        IC_BUF_SCOPE(text, 1024);
        CHECK_OK(ic_meeting_url_parse(ic_view_cstr(rows[i]), &u));
        CHECK_OK(ic_meeting_url_write(&u, &text));
        CHECK_BYTES(ic_buf_view(&text), ic_view_cstr(rows[i]));
    }
}

TEST(link_fields)
{
    struct ic_meeting_url u;
    CHECK_OK(ic_meeting_url_parse(
        IC_VIEW_STR("https://[2001:db8::1]/m/" ID "#s=" SECRET "&x=later&k=" KEY), &u));
    CHECK(u.tls && u.port == 443 && strcmp(u.host, "2001:db8::1") == 0);
    CHECK(u.link.pinned && u.link.ref_kind == IC_WIRE_REF_ID && strcmp(u.link.ref, ID) == 0);
    CHECK_EQ_INT(u.link.join_secret[0], 1);
    CHECK_OK(ic_meeting_url_parse(IC_VIEW_STR("http://localhost/m/1234567890"), &u));
    CHECK(!u.tls && u.port == 80 && !u.link.pinned && u.link.ref_kind == IC_WIRE_REF_NUMBER);
}

TEST(link_refusals)
{
    static const struct {
        const char *text;
        ic_err err;
    } rows[] = {
        {"ftp://meet.example.org/m/" ID, IC_ERR_UNSUPPORTED},
        {"http://meet.example.org/m/" ID, IC_ERR_DENIED},
        {"http://localhost.evil.example/m/" ID, IC_ERR_DENIED},
        {"https:///m/" ID, IC_ERR_MALFORMED},
        {"https://a b/m/" ID, IC_ERR_MALFORMED},
        {"https://user@host/m/" ID, IC_ERR_MALFORMED},
        {"https://meet.example.org", IC_ERR_MALFORMED},
        {"https://meet.example.org/x/" ID, IC_ERR_MALFORMED},
        {"https://meet.example.org/m/", IC_ERR_MALFORMED},
        {"https://meet.example.org/m/short", IC_ERR_MALFORMED},
        {"https://meet.example.org/m/" ID "A", IC_ERR_MALFORMED},
        {"https://meet.example.org/m/" ID "?q", IC_ERR_MALFORMED},
        {"https://meet.example.org:0/m/" ID, IC_ERR_MALFORMED},
        {"https://meet.example.org:65536/m/" ID, IC_ERR_MALFORMED},
        {"https://meet.example.org:/m/" ID, IC_ERR_MALFORMED},
        {"https://[::1/m/" ID, IC_ERR_MALFORMED},
        {"https://meet.example.org/m/" ID "#k=" KEY, IC_ERR_MALFORMED},
        {"https://meet.example.org/m/" ID "#s=" SECRET, IC_ERR_MALFORMED},
        {"https://meet.example.org/m/" ID "#k=short&s=" SECRET, IC_ERR_MALFORMED},
        {"https://meet.example.org/m/" ID "#k=" KEY "&s=" SECRET "&c=1", IC_ERR_MALFORMED},
        {"https://meet.example.org/m/" ID "\n", IC_ERR_MALFORMED},
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        struct ic_meeting_url u = {.port = 7};
        CHECK_ERR(ic_meeting_url_parse(ic_view_cstr(rows[i].text), &u), rows[i].err);
        CHECK_EQ_INT(u.port, 7);
    }
}

TEST(link_long_host_is_refused)
{
    struct ic_meeting_url u;
    char text[400] = "https://";
    memset(text + 8, 'a', 300);
    strcpy(text + 308, "/m/" ID);
    CHECK_ERR(ic_meeting_url_parse(ic_view_cstr(text), &u), IC_ERR_MALFORMED);
}

static ic_err make(void *ctx)
{
    (void)ctx;
    struct ic_test_rand state;
    struct ic_rand rand = ic_test_rand(&state, 3);
    struct ic_view host = IC_VIEW_STR("a host's key");
    struct ic_meeting_plan p = {.kind = IC_WIRE_INSTANT,
                                .suite = 1,
                                .sframe_suite = 4,
                                .admission = IC_WIRE_HOST_ADMITS,
                                .hosts = &host,
                                .host_count = 1};
    struct ic_meeting_made made;
    IC_TRY(ic_meeting_make(&p, &rand, &made));
    struct ic_wire_terms t;
    ic_err e = ic_wire_terms_decode(ic_buf_view(&made.terms), &t);
    if (e == IC_OK)
        e = ic_rules_terms_verify(&t, IC_VIEW_ARRAY(made.link.meeting_key_hash), NULL);
    if (e == IC_OK && !ic_view_equal(t.meeting_id, IC_VIEW_ARRAY(made.id)))
        e = IC_ERR_RULE;
    ic_meeting_made_clear(&made);
    return e;
}

TEST(made_meeting_holds_its_pin)
{
    CHECK_OK(make(NULL));
    CHECK(ic_test_each_alloc_fails(make, NULL) > 0);
}

TEST(make_needs_a_host_a_suite_and_entropy)
{
    struct ic_rand none = ic_test_no_rand();
    struct ic_view host = IC_VIEW_STR("a host's key");
    struct ic_meeting_plan p = {.kind = 1, .suite = 1, .sframe_suite = 4, .admission = 1};
    struct ic_meeting_made made;
    CHECK_ERR(ic_meeting_make(&p, &none, &made), IC_ERR_ARG);
    p.hosts = &host;
    p.host_count = 1;
    CHECK_ERR(ic_meeting_make(&p, &none, &made), IC_ERR_IO);
    p.suite = 99;
    CHECK_ERR(ic_meeting_make(&p, &none, &made), IC_ERR_UNSUPPORTED);
}
