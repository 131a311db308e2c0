/* incamera-load: many people at one server, from this machine. See docs/load.md.
 *
 *     incamera-load --server http://localhost:8080 --token ict_... --join 1000 [--out FILE]
 */
#include "enrol.h"
#include "join.h"
#include "meeting.h"
#include "shared.h"
#include "staple.h"

#include <getopt.h>
#include <ic/base/mem.h>
#include <ic/os/os.h>
#include <ic/pki/store.h>
#include <ic/together/logs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUITE = 2 };

static const char usage[] =
    "incamera-load --server URL [options]      rows of JSON on standard output\n"
    "  --identity URL   the identity service, where it is another process\n"
    "  --domain NAME    of the people's addresses; the organisation's own (load.example)\n"
    "  --admin TOKEN    of an administrator: with it people are made and enrolled\n"
    "  --enrol N        how many (needs --admin)\n"
    "  --token TOKEN    the organisation's: with it a meeting is made\n"
    "  --join N         how many of them join it, all verified; without --admin by bare keys\n"
    "  --at-once N      how many are on their way at one time (32 to enrol, 100 to join)\n"
    "  --limit SECONDS  for each of both (900)\n";

struct options {
    const char *server, *identity, *admin, *token;
    const char *domain;
    unsigned enrol, join, at_once, limit_s;
};

static unsigned number(const char *text)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    if (!*text || *end || n > 1000000) {
        fprintf(stderr, "incamera-load: %s is no number from 0 to 1000000\n", text);
        exit(2);
    }
    return (unsigned)n;
}

static void read_options(int argc, char **argv, struct options *o)
{
    static const struct option list[] = {
        {"server", 1, NULL, 's'}, {"identity", 1, NULL, 'i'}, {"admin", 1, NULL, 'a'},
        {"domain", 1, NULL, 'd'}, {"token", 1, NULL, 't'},    {"enrol", 1, NULL, 'e'},
        {"join", 1, NULL, 'j'},   {"at-once", 1, NULL, 'o'},  {"limit", 1, NULL, 'l'},
        {"help", 0, NULL, 'h'},   {NULL, 0, NULL, 0},
    };
    int c;
    while ((c = getopt_long(argc, argv, "h", list, NULL)) != -1) {
        switch (c) {
        case 's':
            o->server = optarg;
            break;
        case 'i':
            o->identity = optarg;
            break;
        case 'a':
            o->admin = optarg;
            break;
        case 't':
            o->token = optarg;
            break;
        case 'e':
            o->enrol = number(optarg);
            break;
        case 'j':
            o->join = number(optarg);
            break;
        case 'o':
            o->at_once = number(optarg);
            break;
        case 'd':
            o->domain = optarg;
            break;
        case 'l':
            o->limit_s = number(optarg);
            break;
        case 'h':
            fputs(usage, stdout);
            exit(0);
        default:
            fputs(usage, stderr);
            exit(2);
        }
    }
    if (o->server && optind == argc && (o->enrol || o->join) && (!o->enrol || o->admin) &&
        (!o->join || o->token))
        return;
    fputs(usage, stderr);
    exit(2);
}

/* ---- joining ---- */

static void print_join(const struct load_join_result *r, bool shared)
{
    printf(
        "{\"name\":\"load.join\",\"n\":%zu,\"verified\":%zu,\"verify_shared\":%s,\"seconds\":%.2f,"
        "\"per_s\":%.1f,\"median_ms\":%.0f,\"clients_cpu_s\":%.2f,\"epochs\":%zu,"
        "\"verified_by_last\":%zu,\"codes_equal\":%s,\"alerts\":%zu,\"reconnects\":%zu,\"join_cpu_ms\":%.1f,\"join_wall_ms\":%.0f}\n",
        r->members, r->verified, shared ? "true" : "false", r->seconds,
        (double)r->members / r->seconds, r->median_ms, r->cpu_s, r->epochs, r->verified_by_last,
        r->codes_equal ? "true" : "false", r->alerts, r->reconnects, r->join_cpu_ms,
        r->join_wall_ms);
    fflush(stdout);
}

static int fail(ic_err e, const char *why)
{
    fprintf(stderr, "incamera-load: %s: %s\n", ic_err_text(e), why);
    return 1;
}

static int enrol(const struct options *o, struct load_people *people)
{
    struct load_enrol_result r;
    char why[256] = "";
    struct load_enrol_plan plan = {.server = o->identity ? o->identity : o->server,
                                   .admin = o->admin,
                                   .people = people,
                                   .at_once = o->at_once ? o->at_once : 32};
    ic_err e = load_enrol(&plan, &r, why);
    if (e != IC_OK)
        return fail(e, why);
    printf("{\"name\":\"load.enrol\",\"n\":%zu,\"seconds\":%.2f,\"per_s\":%.1f,\"median_ms\":%.2f,"
           "\"p99_ms\":%.2f,\"requests_each\":%.1f,\"clients_cpu_s\":%.2f,"
           "\"signatures_per_s\":%.0f}\n",
           r.count, r.seconds, r.per_s, r.median_ms, r.p99_ms, r.requests, r.clients_cpu_s,
           r.signatures_per_s);
    fflush(stdout);
    return 0;
}

/* The uncached member's own: the same roots and log, remembering nothing. */
static ic_err own_trust(const struct load_people *people, struct load_join_plan *plan)
{
    if (!people->roots)
        return IC_OK;
    const struct ic_pki_cert *root = ic_pki_store_root(people->roots, 0);
    const struct ic_merkle_log log = {IC_ECDSA_P256_SHA256, ic_buf_view(&people->log_key)};
    IC_TRY(ic_pki_store_new(&(struct ic_pki_policy){0}, &plan->own_roots));
    IC_TRY(ic_pki_store_add_root(plan->own_roots, root->encoded, NULL));
    IC_TRY(ic_together_logs_new(&plan->own_logs));
    return ic_together_logs_add(plan->own_logs, root->fingerprint, &log);
}

static int join(const struct options *o, struct load_people *all)
{
    /* So many of those who enrolled. */
    struct load_people some = *all, *people = &some;
    struct ic_meeting_link link;
    struct load_join_result result;
    char why[256] = "", host[256];
    unsigned port;
    if (sscanf(o->server, "http://%255[^:/]:%u", host, &port) != 2) {
        fprintf(stderr, "incamera-load: --server http://localhost:PORT, of this machine\n");
        return 2;
    }
    struct load_join_plan plan = {.host = host,
                                  .port = (uint16_t)port,
                                  .link = &link,
                                  .people = people,
                                  .suite = SUITE,
                                  .share = true,
                                  .at_once = o->at_once ? o->at_once : 100,
                                  .limit_s = o->limit_s ? o->limit_s : 900};
    some.count = o->join;
    ic_err e = own_trust(people, &plan);
    if (e == IC_OK && people->roots)
        e = load_staples_fresh(o->identity ? o->identity : o->server, people, people->count);
    if (e == IC_OK)
        e = load_meeting_make(o->server, o->token, &people->list[0], SUITE, &link, why);
    if (e == IC_OK)
        e = load_join(&plan, &result, why);
    ic_together_logs_free(plan.own_logs);
    ic_pki_store_free(plan.own_roots);
    if (e != IC_OK)
        return fail(e, why);
    print_join(&result, plan.share);
    bool all_verified = !people->roots || (result.verified == people->count &&
                                           result.verified_by_last == people->count);
    return result.codes_equal && result.members == people->count && all_verified ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct options o = {.domain = "load.example"};
    struct load_people people;
    read_options(argc, argv, &o);
    unsigned count = o.enrol > o.join ? o.enrol : o.join;
    ic_err e = load_people_make(&people, count, IC_ECDSA_P256_SHA256, o.domain);
    int status = e == IC_OK ? 0 : fail(e, "the people");
    if (status == 0 && o.admin)
        status = enrol(&o, &people);
    if (status == 0 && o.join)
        status = join(&o, &people);
    load_shared_clear();
    load_people_clear(&people);
    return status;
}
