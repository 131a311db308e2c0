/* incamera meeting create | list | show */
#include "accepted.h"
#include "args.h"
#include "base/clock.h"
#include "command.h"
#include "keys/identity.h"
#include "net/net.h"
#include "terminal.h"
#include "when.h"

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <ic/meeting/link.h>
#include <ic/os/os.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_ROOM = 2048 };

static const struct icc_option options[] = {
    {"--server", true, "URL  where; $INCAMERA_SERVER otherwise. A pin may stand behind #c="},
    {"--token", true, "TOKEN  the organisation's access token; better in $INCAMERA_TOKEN"},
    {"--title", true, "TEXT  known to the server"},
    {"--kind", true, "KIND  instant (default), scheduled or personal"},
    {"--start", true,
     "TIME  of a scheduled meeting: 2026-11-30T14:00 (local), ...T14:00Z or Unix seconds"},
    {"--end", true, "TIME  of a scheduled meeting"},
    {"--invite", true,
     "A,B,...  who is invited: kept with the meeting for the organisation, admits nobody"},
    {"--admission", true,
     "RULE  host (default: a host lets people in), link (whoever has the link) or verified (whom an authority "
     "of --root vouches for, and nobody else)"},
    {"--root", true,
     "FILE  PEM: an authority of that rule, again and again; the organisation's own otherwise"},
    {"--watermark", false, "everybody sees their own name over the pictures of others"},
    {"--no-recording", false, "clients offer no recording"},
    {"--suite", true, "N  cipher suite of RFC 9420, for a new identity; 2 otherwise"},
    {"--identity", true, "FILE  the key of the device that will be host"},
    {"--json", false, "for programs"},
    {"--help", false, "this text"},
};

enum { ID_LEN = 22 };
static const char id_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct answer {
    int status;
    struct ic_buf body;
    bool done;
};

static int help(int status)
{
    puts("incamera meeting create [options]     makes a meeting and prints its link\n"
         "incamera meeting list [options]       the organisation's meetings\n"
         "incamera meeting show ID [options]    one of them\n");
    icc_args_help(options, IC_ARRAY_LEN(options));
    return status;
}

static void on_answer(void *ctx, int status, struct ic_view body)
{
    struct answer *a = ctx;
    a->status = status;
    a->done = true;
    IC_IGNORE(ic_buf_append(&a->body, body));
}

/* Asks and waits. */
static ic_err ask(const struct ic_meeting_url *server, const char *method, const char *path,
                  const char *token, struct ic_view body, struct answer *out)
{
    uv_loop_t loop;
    struct icc_net *net = NULL;
    ic_buf_init(&out->body, 1 << 20);
    if (uv_loop_init(&loop) != 0)
        return IC_ERR_NOMEM;
    ic_err e = icc_net_new(&loop, server, &net);
    if (e == IC_OK)
        e = icc_net_request(net, method, path, token, body, on_answer, out);
    while (e == IC_OK && !out->done && uv_run(&loop, UV_RUN_ONCE))
        ;
    icc_net_free(net);
    uv_run(&loop, UV_RUN_NOWAIT);
    uv_loop_close(&loop);
    return e;
}

/* What the kind asks for: a scheduled meeting has a start and an end, the others have neither. */
static bool times_fit(uint8_t kind, const json_t *request)
{
    json_int_t start = json_integer_value(json_object_get(request, "start"));
    json_int_t end = json_integer_value(json_object_get(request, "end"));
    const char *wrong = NULL;
    if (kind == IC_WIRE_SCHEDULED && (!start || !end))
        wrong = "a scheduled meeting needs --start and --end";
    else if (kind != IC_WIRE_SCHEDULED && (start || end))
        wrong = "--start and --end belong to --kind scheduled";
    else if (end < start)
        wrong = "the meeting ends before it starts";
    else if (end && end < (json_int_t)(icc_now_ms() / 1000))
        wrong = "the meeting's end is past";
    if (wrong)
        fprintf(stderr, "incamera: %s\n", wrong);
    return !wrong;
}

static bool add_times(const struct icc_args *a, uint8_t kind, json_t *request)
{
    static const char *const names[] = {"--start", "--end"};
    for (size_t i = 0; i < 2; i++) {
        const char *text = icc_args_get(a, names[i]);
        int64_t t;
        if (!text)
            continue;
        if (!icc_when_parse(text, &t)) {
            fprintf(stderr,
                    "incamera: %s wants a time like 2026-11-30T14:00 (local), 2026-11-30T14:00Z "
                    "or Unix seconds\n",
                    names[i]);
            return false;
        }
        json_object_set_new(request, names[i] + 2, json_integer(t));
    }
    return times_fit(kind, request);
}

/* The names between commas, without blanks around them. */
static void add_invited(const struct icc_args *a, json_t *request)
{
    const char *text = icc_args_get(a, "--invite");
    if (!text)
        return;
    json_t *list = json_array();
    while (*text) {
        size_t len = strcspn(text, ","), skip = strspn(text, " "), end = len;
        while (end > skip && text[end - 1] == ' ')
            end--;
        if (end > skip)
            json_array_append_new(list, json_stringn(text + skip, end - skip));
        text += len + (text[len] == ',');
    }
    json_object_set_new(request, "invited", list);
}

static bool plan_of(const struct icc_args *a, struct ic_meeting_plan *p)
{
    const char *kind = icc_args_get(a, "--kind"), *rule = icc_args_get(a, "--admission");
    p->kind = !kind || strcmp(kind, "instant") == 0 ? IC_WIRE_INSTANT
              : strcmp(kind, "scheduled") == 0      ? IC_WIRE_SCHEDULED
              : strcmp(kind, "personal") == 0       ? IC_WIRE_PERSONAL
                                                    : 0;
    p->admission = !rule || strcmp(rule, "host") == 0 ? IC_WIRE_HOST_ADMITS
                   : strcmp(rule, "link") == 0        ? IC_WIRE_LINK_ADMITS
                   : strcmp(rule, "verified") == 0    ? IC_WIRE_VERIFIED_ADMITTED
                                                      : 0;
    p->watermark = icc_args_has(a, "--watermark");
    p->recording = !icc_args_has(a, "--no-recording");
    p->sframe_suite = 4;
    if (!p->kind)
        fprintf(stderr, "incamera: --kind is instant, scheduled or personal\n");
    if (!p->admission)
        fprintf(stderr, "incamera: --admission is host, link or verified\n");
    return p->kind && p->admission;
}

/* A server's text as it may stand on a terminal; "-" where it sent none. */
static const char *harmless(const json_t *text, char room[TEXT_ROOM])
{
    const char *s = json_string_value(text);
    snprintf(room, TEXT_ROOM, "%s", s && *s ? s : "-");
    icc_terminal_make_harmless(room);
    return room;
}

/* The sentence of an error's answer, whatever shape it has. */
static int tell_failure(const struct answer *r, const char *id)
{
    json_t *o = json_loadb((const char *)r->body.p, r->body.len, 0, NULL);
    char room[TEXT_ROOM];
    json_t *sentence = json_object_get(o, "text");
    const char *text = json_is_string(sentence) ? harmless(sentence, room) : NULL;
    if (r->status == 0 && r->body.len)
        fprintf(stderr, "incamera: %.*s\n", (int)r->body.len, (const char *)r->body.p);
    else if (r->status == 0)
        fprintf(stderr, "incamera: the server was not asked: no memory, or no network\n");
    else if (r->status == 401)
        fprintf(stderr, "incamera: the server does not know this access token\n");
    else if (r->status == 404 && id)
        fprintf(stderr, "incamera: the organisation has no meeting %s\n", id);
    else if (r->status / 100 == 2)
        fprintf(stderr, "incamera: the server's answer is not understood\n");
    else
        fprintf(stderr, "incamera: the server answered %d%s%s\n", r->status, text ? ": " : "",
                text ? text : "");
    json_decref(o);
    return 1;
}

static void print_time(const char *what, const json_t *seconds)
{
    char text[40];
    icc_when_print((int64_t)json_integer_value(seconds), text, sizeof text);
    if (seconds)
        printf("%-10s %s\n", what, text);
}

static void print_made(const struct icc_args *a, json_t *meeting, const char *link)
{
    json_object_set_new(meeting, "url", json_string(link));
    if (icc_args_has(a, "--json")) {
        json_dumpf(meeting, stdout, JSON_COMPACT);
        putchar('\n');
        return;
    }
    char number[TEXT_ROOM];
    printf(
        "%s\n\nNumber %s. Whoever has the link can check that it leads to your meeting and to no other;\n"
        "whoever comes by the number cannot, and their screen says so.\n",
        link, harmless(json_object_get(meeting, "number"), number));
    print_time("Starts", json_object_get(meeting, "start"));
    print_time("Ends", json_object_get(meeting, "end"));
}

static int send_plan(const struct icc_args *a, const struct ic_meeting_url *server,
                     const char *token, uint8_t kind, struct ic_meeting_made *made)
{
    size_t len = ic_base64_len(IC_BASE64_URL, made->terms.len);
    char *terms = ic_calloc(1, len + 1);
    json_t *request = json_object();
    struct answer r = {0};
    int status = terms && !add_times(a, kind, request) ? 2 : 1;
    struct ic_buf link;
    ic_buf_init(&link, 2048);
    if (terms && status == 1) {
        ic_base64_encode(IC_BASE64_URL, ic_buf_view(&made->terms), terms);
        json_object_set_new(request, "terms", json_string(terms));
        const char *title = icc_args_get(a, "--title");
        json_object_set_new(request, "title", json_string(title ? title : ""));
        add_invited(a, request);
        char *text = json_dumps(request, JSON_COMPACT);
        ic_err e = ask(server, "POST", "/api/v1/meetings", token, ic_view_cstr(text), &r);
        free(text);
        struct ic_meeting_url url = *server;
        url.link = made->link;
        json_t *meeting = e == IC_OK && r.status == 201
                              ? json_loadb((const char *)r.body.p, r.body.len, 0, NULL)
                              : NULL;
        if (meeting && ic_meeting_url_write(&url, &link) == IC_OK &&
            ic_buf_append(&link, ic_view("", 1)) == IC_OK) {
            print_made(a, meeting, (const char *)link.p);
            status = 0;
        } else {
            tell_failure(&r, NULL);
        }
        json_decref(meeting);
        ic_buf_clear(&r.body);
    }
    ic_buf_clear(&link);
    json_decref(request);
    ic_free(terms);
    return status;
}

static int create(const struct icc_args *a, const struct ic_meeting_url *server, const char *token)
{
    struct ic_meeting_plan plan = {0};
    struct icc_accepted accepted = {.count = 0};
    struct icc_identity id = {0};
    long suite = 2;
    char why[300];
    if (!icc_args_number(a, "--suite", 1, 7, &suite) || !plan_of(a, &plan))
        return 2;
    if (icc_identity_load(icc_args_get(a, "--identity"), (uint16_t)suite, &id, why, sizeof why) !=
        IC_OK) {
        fprintf(stderr, "incamera: %s\n", why);
        return 1;
    }
    if (icc_args_has(a, "--suite") && suite != id.suite->id) {
        fprintf(stderr,
                "incamera: the identity has suite %u, and a meeting has its host's: for suite %ld "
                "name another file with --identity\n",
                (unsigned)id.suite->id, suite);
        icc_identity_clear(&id);
        return 2;
    }
    if (!icc_accepted_take(a, &plan, &accepted)) {
        icc_identity_clear(&id);
        return 2;
    }
    struct ic_view host = ic_sign_key_public(id.key);
    plan.suite = id.suite->id;
    plan.hosts = &host;
    plan.host_count = 1;
    struct ic_meeting_made made = {0};
    struct ic_rand rand = ic_os_rand();
    ic_err e = ic_meeting_make(&plan, &rand, &made);
    int status = 1;
    if (e == IC_OK)
        status = send_plan(a, server, token, plan.kind, &made);
    else
        fprintf(stderr, "incamera: %s\n", ic_err_text(e));
    ic_meeting_made_clear(&made);
    icc_identity_clear(&id);
    return status;
}

static void print_row(const json_t *m)
{
    char id[TEXT_ROOM], number[TEXT_ROOM], kind[TEXT_ROOM], state[TEXT_ROOM], title[TEXT_ROOM];
    char start[40] = "-";
    const json_t *seconds = json_object_get(m, "start");
    if (seconds)
        icc_when_print((int64_t)json_integer_value(seconds), start, sizeof start);
    printf("%-22s  %-10s  %-9s  %-7s  %-22s  %s\n", harmless(json_object_get(m, "id"), id),
           harmless(json_object_get(m, "number"), number),
           harmless(json_object_get(m, "kind"), kind), harmless(json_object_get(m, "state"), state),
           start, harmless(json_object_get(m, "title"), title));
}

static void print_list(const json_t *meetings)
{
    size_t i;
    json_t *m;
    if (json_array_size(meetings) == 0) {
        puts("There are no meetings.");
        return;
    }
    printf("%-22s  %-10s  %-9s  %-7s  %-22s  %s\n", "ID", "NUMBER", "KIND", "STATE", "START",
           "TITLE");
    json_array_foreach(meetings, i, m) print_row(m);
}

static void print_text(const char *what, json_t *text)
{
    char room[TEXT_ROOM];
    if (json_string_length(text))
        printf("%-10s %s\n", what, harmless(text, room));
}

/* One meeting, a line a field. Its link is the organiser's alone: the server never had it. */
static void print_whole(json_t *m)
{
    static const char *const texts[] = {"id", "number", "title", "kind", "state", "path"};
    static const char *const times[] = {"created", "start", "end"};
    size_t i;
    json_t *who;
    for (i = 0; i < IC_ARRAY_LEN(texts); i++)
        print_text(texts[i], json_object_get(m, texts[i]));
    printf("%-10s %" JSON_INTEGER_FORMAT "\n", "suite",
           json_integer_value(json_object_get(m, "suite")));
    for (i = 0; i < IC_ARRAY_LEN(times); i++)
        print_time(times[i], json_object_get(m, times[i]));
    json_array_foreach(json_object_get(m, "invited"), i, who) print_text("invited", who);
}

static int look(const struct icc_args *a, const struct ic_meeting_url *server, const char *token,
                const char *id)
{
    char path[96];
    struct answer r = {0};
    if (id && (strlen(id) != ID_LEN || strspn(id, id_letters) != ID_LEN)) {
        fprintf(stderr,
                "incamera: an ID has 22 letters, digits, - and _, as `meeting list` shows it\n");
        return 2;
    }
    snprintf(path, sizeof path, id ? "/api/v1/meetings/%.40s" : "/api/v1/meetings", id);
    ic_err e = ask(server, "GET", path, token, (struct ic_view){0}, &r);
    json_t *o = e == IC_OK && r.status == 200
                    ? json_loadb((const char *)r.body.p, r.body.len, 0, NULL)
                    : NULL;
    int status = o ? 0 : tell_failure(&r, id);
    if (o && icc_args_has(a, "--json")) {
        json_dumpf(o, stdout, JSON_COMPACT);
        putchar('\n');
    } else if (o && id) {
        print_whole(o);
    } else if (o) {
        print_list(json_object_get(o, "meetings"));
    }
    json_decref(o);
    ic_buf_clear(&r.body);
    return status;
}

int icc_command_meeting(int argc, char **argv)
{
    struct icc_args a;
    /* `show ID`: every sixty-fourth ID begins with a dash, and is no option for that. */
    bool show = argc > 1 && strcmp(argv[0], "show") == 0 && strlen(argv[1]) == ID_LEN;
    const char *id = show ? argv[1] : NULL;
    int skip = show ? 2 : 0;
    if (!icc_args_parse(&a, options, IC_ARRAY_LEN(options), argc - skip, argv + skip))
        return 2;
    if (icc_args_has(&a, "--help"))
        return help(0);
    const char *what = a.free_count ? a.free[0] : "";
    const char *where =
        icc_args_get(&a, "--server") ? icc_args_get(&a, "--server") : getenv("INCAMERA_SERVER");
    const char *token =
        icc_args_get(&a, "--token") ? icc_args_get(&a, "--token") : getenv("INCAMERA_TOKEN");
    struct ic_meeting_url server;
    if (!where || !token) {
        fprintf(
            stderr,
            "incamera: name the server (--server or $INCAMERA_SERVER) and the organisation's access "
            "token (--token or $INCAMERA_TOKEN)\n");
        return 2;
    }
    ic_err e = ic_meeting_server_parse(ic_view_cstr(where), &server);
    if (e != IC_OK) {
        fprintf(stderr, "incamera: %s is no address of a server: %s\n", where,
                e == IC_ERR_DENIED ? "plain http is for localhost alone"
                                   : "it looks like https://HOST, or https://HOST#c=PIN");
        return 2;
    }
    if (show && a.free_count == 0)
        return look(&a, &server, token, id);
    if (strcmp(what, "create") == 0 && a.free_count == 1)
        return create(&a, &server, token);
    if (strcmp(what, "list") == 0 && a.free_count == 1)
        return look(&a, &server, token, NULL);
    if (strcmp(what, "show") == 0 && a.free_count == 2)
        return look(&a, &server, token, a.free[1]);
    return help(2);
}
