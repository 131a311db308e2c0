/* incamerad: the server. See docs/man/incamerad.1 and docs/configuration.md. */
#include "log/log.h"
#include "main/devcert.h"
#include "main/embedded.h"
#include "main/first.h"
#include "main/server.h"
#include "store/store.h"

#ifdef IC_TEST_HOOKS
#include "http/testhook.h"
#endif

#include <getopt.h>
#include <ic/base/text.h>
#include <icd/services.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEFAULT_CONFIG "/etc/incamera/incamerad.conf"

static const char usage[] =
    "incamerad [--config FILE]                 runs the server\n"
    "incamerad [--config FILE] --role identity the identity service alone, as a process of its own\n"
    "incamerad [--config FILE] --check-config  looks at the file, says what is wrong with it\n"
    "incamerad --print-config                  a configuration file with every key and its default\n"
    "incamerad [--config FILE] org add NAME    makes an organisation and prints its access token\n"
    "incamerad [--config FILE] org token NAME  a new access token; the former ends\n"
    "incamerad [--config FILE] --admin-token ORG [--domain NAME]\n"
    "          prints an administrator's token of the identity service; makes the organisation, and its domain\n"
    "incamerad dev-cert DIR [HOST...]          a development certificate\n"
    "incamerad --embedded DIR [--http-port N] [--https-port N] [--media-port N] [--ready-fd N]\n"
    "          [--bind ADDRESS] [--host NAME] [--domain NAME]\n"
    "          everything below DIR, for trying out and for tests\n"
    "incamerad --version\n";

struct options {
    const char *config, *admin_of, *domain;
    bool config_given, check, print, identity_only;
    struct icd_embedded embedded;
};

enum {
    OPT_CHECK = 1000,
    OPT_ADMIN,
    OPT_DOMAIN,
    OPT_PRINT,
    OPT_EMBEDDED,
    OPT_HTTP,
    OPT_HTTPS,
    OPT_MEDIA,
    OPT_READY,
    OPT_BIND,
    OPT_ROLE,
    OPT_HOST,
    OPT_VERSION,
    OPT_TEST_TAP,
    OPT_TEST_TAP_CONTROL
};

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"check-config", no_argument, NULL, OPT_CHECK},
    {"admin-token", required_argument, NULL, OPT_ADMIN},
    {"domain", required_argument, NULL, OPT_DOMAIN},
    {"print-config", no_argument, NULL, OPT_PRINT},
    {"embedded", required_argument, NULL, OPT_EMBEDDED},
    {"http-port", required_argument, NULL, OPT_HTTP},
    {"https-port", required_argument, NULL, OPT_HTTPS},
    {"media-port", required_argument, NULL, OPT_MEDIA},
    {"ready-fd", required_argument, NULL, OPT_READY},
    {"bind", required_argument, NULL, OPT_BIND},
    {"role", required_argument, NULL, OPT_ROLE},
    {"host", required_argument, NULL, OPT_HOST},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPT_VERSION},
#ifdef IC_TEST_HOOKS
    {"test-tap", required_argument, NULL, OPT_TEST_TAP},
    {"test-tap-control", required_argument, NULL, OPT_TEST_TAP_CONTROL},
#endif
    {NULL, 0, NULL, 0},
};

static int number(const char *text, int high)
{
    char *end;
    long n = strtol(text, &end, 10);
    if (end == text || *end || n < 0 || n > high) {
        fprintf(stderr, "incamerad: %s: a number from 0 to %d\n", text, high);
        exit(2);
    }
    return (int)n;
}

static bool identity_only(const char *role)
{
    bool identity = strcmp(role, "identity") == 0;
    if (!identity && strcmp(role, "all") != 0) {
        fprintf(stderr, "incamerad: --role %s: all or identity\n", role);
        exit(2);
    }
    return identity;
}

static void take(struct options *o, int opt)
{
    switch (opt) {
    case 'c':
        o->config = optarg;
        o->config_given = true;
        break;
    case OPT_CHECK:
        o->check = true;
        break;
    case OPT_ADMIN:
        o->admin_of = optarg;
        break;
    case OPT_DOMAIN:
        o->domain = o->embedded.domain = optarg;
        break;
    case OPT_PRINT:
        o->print = true;
        break;
    case OPT_EMBEDDED:
        o->embedded.dir = optarg;
        break;
    case OPT_ROLE:
        o->identity_only = identity_only(optarg);
        break;
    case OPT_HTTP:
        o->embedded.http_port = number(optarg, 65535);
        break;
    case OPT_HTTPS:
        o->embedded.https_port = number(optarg, 65535);
        break;
    case OPT_MEDIA:
        o->embedded.media_port = number(optarg, 65535);
        break;
    case OPT_READY:
        o->embedded.ready_fd = number(optarg, 1 << 20);
        break;
    case OPT_BIND:
        o->embedded.bind = optarg;
        break;
    case OPT_HOST:
        o->embedded.host = optarg;
        break;
#ifdef IC_TEST_HOOKS
    case OPT_TEST_TAP:
    case OPT_TEST_TAP_CONTROL:
        if ((opt == OPT_TEST_TAP ? ic_testhook_sfu_tap(optarg) : icd_testhook_http_tap(optarg)) !=
            IC_OK) {
            perror(optarg);
            exit(2);
        }
        break;
#endif
    case OPT_VERSION:
        printf("incamerad %s, schema %d\n", ICD_VERSION, icd_store_schema());
        exit(0);
    case 'h':
        fputs(usage, stdout);
        exit(0);
    default:
        fputs(usage, stderr);
        exit(2);
    }
}

static int fail(const char *why)
{
    fprintf(stderr, "incamerad: %s\n", why);
    return 1;
}

/* ---- commands ---- */

static int dev_cert(int argc, char **argv)
{
    char why[512], path[600], text[64];
    uint8_t pin[ICD_PIN_LEN];
    if (argc < 2) {
        fputs(usage, stderr);
        return 2;
    }
    const char *const *hosts = (const char *const *)(argv + 2);
    if (icd_devcert_make(argv[1], hosts, (size_t)(argc - 2), why, sizeof why) != IC_OK)
        return fail(why);
    snprintf(path, sizeof path, "%s/cert.pem", argv[1]);
    if (icd_cert_pin(path, pin) != IC_OK)
        return fail("the certificate cannot be read again");
    ic_base64_encode(IC_BASE64_URL, IC_VIEW_ARRAY(pin), text);
    printf("%s\n", text);
    return 0;
}

static int org(const struct icd_config *config, int argc, char **argv)
{
    char token[ICD_TOKEN_LEN + 1], why[ICD_CONFIG_WHY];
    bool add = argc == 3 && strcmp(argv[1], "add") == 0;
    if (!add && !(argc == 3 && strcmp(argv[1], "token") == 0)) {
        fputs(usage, stderr);
        return 2;
    }
    if (icd_org_token(config, argv[2], add, token, why) != IC_OK)
        return fail(why);
    printf("%s\n", token);
    return 0;
}

static int serve(const struct icd_config *config, const struct options *o)
{
    static struct icd_server s;
    char why[ICD_CONFIG_WHY] = "";
    s.config = *config;
    s.config_path = o->config;
    s.identity_only = o->identity_only;
    ic_err e = icd_server_start(&s, why);
    if (e == IC_OK)
        icd_server_run(&s);
    icd_server_stop(&s);
    return e == IC_OK ? 0 : fail(why);
}

static bool read_config(const struct options *o, struct icd_config *c, char *why)
{
    struct stat st;
    icd_config_default(c);
    /* Without a file at the usual place the defaults serve; one that was named must be there. */
    if (!o->config_given && stat(o->config, &st) != 0)
        return true;
    return icd_config_read(c, o->config, why) == IC_OK;
}

int main(int argc, char **argv)
{
    struct options o = {.config = DEFAULT_CONFIG, .embedded = {.ready_fd = -1}};
    char why[ICD_CONFIG_WHY];
    struct icd_config config;
    int opt;
    /* libuv's pool waits for strangers too (DNS, http-01, sign-in providers): its four threads are soon taken. */
    setenv("UV_THREADPOOL_SIZE", "16", 0);
    while ((opt = getopt_long(argc, argv, "c:h", long_options, NULL)) != -1)
        take(&o, opt);
    if (optind < argc && strcmp(argv[optind], "dev-cert") == 0)
        return dev_cert(argc - optind, argv + optind);
    if (o.embedded.dir)
        return icd_embedded_run(&o.embedded);
    if (!read_config(&o, &config, why))
        return fail(why);
    if (o.print) {
        icd_config_print(&config, stdout);
        return 0;
    }
    if (icd_config_check(&config, why) != IC_OK)
        return fail(why);
    if (o.check) {
        puts("the configuration is good");
        return 0;
    }
    if (o.admin_of)
        return icd_first_print(&config, o.admin_of, o.domain, why) == IC_OK ? 0 : fail(why);
    if (optind < argc && strcmp(argv[optind], "org") == 0)
        return org(&config, argc - optind, argv + optind);
    if (optind < argc) {
        fputs(usage, stderr);
        return 2;
    }
    return serve(&config, &o);
}
