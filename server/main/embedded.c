#include "main/embedded.h"
#include "main/devcert.h"
#include "main/first.h"
#include "main/server.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <ic/base/text.h>
#include <ic/page/page.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char org_name[] = "First organisation";

/* ---- organisations ---- */

static void send_nothing(void *ctx, const uint64_t *conns, size_t count, struct ic_view frame)
{
    (void)ctx;
    (void)conns;
    (void)count;
    (void)frame;
}

static void close_nothing(void *ctx, uint64_t conn)
{
    (void)ctx;
    (void)conn;
}

static ic_err with_core(struct icd_store *store, const struct icd_config *config, const char *name,
                        bool add, char *token)
{
    struct icd_core_config c = {.store = store,
                                .rand = {icd_os_random, NULL},
                                .limits = config->limits,
                                .server_name = "incamerad",
                                .send = send_nothing,
                                .close = close_nothing};
    struct icd_core *core;
    struct icd_core_stats stats;
    int64_t org;
    IC_TRY(icd_core_new(&c, (uint64_t)time(NULL) * 1000, &core));
    ic_err e = add ? icd_orgs_create(core, ic_view_cstr(name), token, &org)
                   : icd_orgs_renew(core, ic_view_cstr(name), token);
    if (e == IC_OK)
        icd_core_flush(core);
    icd_core_stats(core, &stats);
    icd_core_free(core);
    return e == IC_OK && stats.failed_flushes ? IC_ERR_IO : e;
}

ic_err icd_org_token(const struct icd_config *config, const char *name, bool add, char *token,
                     char *why)
{
    char path[ICD_CONFIG_PATH_MAX + 16], reason[ICD_STORE_WHY];
    struct icd_store *store;
    if (mkdir(config->data_dir, 0700) != 0 && errno != EEXIST) {
        snprintf(why, ICD_CONFIG_WHY, "%s: %s", config->data_dir, strerror(errno));
        return IC_ERR_IO;
    }
    snprintf(path, sizeof path, "%s/incamera.db", config->data_dir);
    ic_err e = icd_store_open(path, reason, &store);
    if (e != IC_OK) {
        snprintf(why, ICD_CONFIG_WHY, "%s: %s", path, reason);
        return e;
    }
    e = with_core(store, config, name, add, token);
    icd_store_close(store);
    if (e != IC_OK)
        snprintf(why, ICD_CONFIG_WHY, "organisation %s: %s", name, ic_err_text(e));
    return e;
}

/* ---- the folder ---- */

static bool read_token(const char *path, char *token)
{
    FILE *f = fopen(path, "re");
    bool ok = f && fread(token, 1, ICD_TOKEN_LEN, f) == ICD_TOKEN_LEN;
    token[ok ? ICD_TOKEN_LEN : 0] = '\0';
    if (f)
        fclose(f);
    return ok;
}

static bool write_token(const char *path, const char *token)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    bool ok = f && fputs(token, f) >= 0 && fputc('\n', f) == '\n';
    return f && fclose(f) == 0 && ok;
}

static ic_err first_org(const struct icd_config *c, const char *path, char *token, char *why)
{
    if (read_token(path, token))
        return IC_OK;
    ic_err e = icd_org_token(c, org_name, true, token, why);
    if (e == IC_ERR_EXISTS)
        e = icd_org_token(c, org_name, false, token, why);
    IC_TRY(e);
    snprintf(why, ICD_CONFIG_WHY, "%s cannot be written", path);
    return write_token(path, token) ? IC_OK : IC_ERR_IO;
}

static void set_config(const struct icd_embedded *e, struct icd_config *c)
{
    const char *bind = e->bind ? e->bind : "0.0.0.0";
    icd_config_default(c);
    snprintf(c->listen_local, sizeof c->listen_local, "127.0.0.1:%d", e->http_port);
    snprintf(c->listen, sizeof c->listen, strchr(bind, ':') ? "[%s]:%d" : "%s:%d", bind,
             e->https_port);
    snprintf(c->certificate, sizeof c->certificate, "%s/tls/cert.pem", e->dir);
    snprintf(c->private_key, sizeof c->private_key, "%s/tls/key.pem", e->dir);
    snprintf(c->data_dir, sizeof c->data_dir, "%s/data", e->dir);
    snprintf(c->run_dir, sizeof c->run_dir, "%s/run", e->dir);
    snprintf(c->log_dir, sizeof c->log_dir, "%s/log", e->dir);
    snprintf(c->media_bind, sizeof c->media_bind, "%s", bind);
    c->media_port = (uint32_t)e->media_port;
    c->metrics_for_all = false;
    c->identity.oidc_private_addresses = true; /* to try it with a provider of one's own machine */
}

/* Where users' addresses may be without a proof: reserved for examples (RFC 2606). */
static const char *domain_of(const struct icd_embedded *e)
{
    return e->domain ? e->domain : "example.org";
}

static ic_err say_ready(const struct icd_embedded *e, const struct icd_server *s, const char *host,
                        const char *token, const char *admin_token)
{
    char http[64], https[400], pin_text[64];
    uint8_t pin[ICD_PIN_LEN];
    IC_TRY(icd_cert_pin(s->config.certificate, pin));
    ic_base64_encode(IC_BASE64_URL, IC_VIEW_ARRAY(pin), pin_text);
    snprintf(http, sizeof http, "http://localhost:%u", icd_server_port(s, false));
    snprintf(https, sizeof https, "https://%s:%u", host, icd_server_port(s, true));
    json_t *o =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:s, s:s}", "event", "ready",
                  "http", http, "https", https, "pin", pin_text, "token", token, "media_port",
                  s->sfu ? icd_sfu_port(s->sfu, 0) : 0, "dir", e->dir, "pages", ic_page_own.hash,
                  "admin_token", admin_token, "organisation", org_name, "domain", domain_of(e));
    char *line = o ? json_dumps(o, JSON_COMPACT) : NULL;
    int fd = e->ready_fd >= 0 ? e->ready_fd : 1;
    bool ok = line && dprintf(fd, "%s\n", line) > 0;
    if (e->ready_fd > 2)
        close(e->ready_fd);
    free(line);
    json_decref(o);
    return ok ? IC_OK : IC_ERR_IO;
}

static ic_err prepare(const struct icd_embedded *e, struct icd_config *c, const char *host,
                      char *token, char *admin_token, char *why)
{
    char tls[ICD_CONFIG_PATH_MAX], path[ICD_CONFIG_PATH_MAX];
    const char *hosts[1] = {host};
    if (strlen(e->dir) > ICD_CONFIG_PATH_MAX - 32) {
        snprintf(why, ICD_CONFIG_WHY, "the folder's name is too long");
        return IC_ERR_RANGE;
    }
    set_config(e, c);
    if (mkdir(e->dir, 0700) != 0 && errno != EEXIST) {
        snprintf(why, ICD_CONFIG_WHY, "%s: %s", e->dir, strerror(errno));
        return IC_ERR_IO;
    }
    snprintf(tls, sizeof tls, "%s/tls", e->dir);
    snprintf(path, sizeof path, "%s/token", e->dir);
    IC_TRY(icd_devcert_make(tls, hosts, 1, why, ICD_CONFIG_WHY));
    IC_TRY(icd_config_check(c, why));
    IC_TRY(first_org(c, path, token, why));
    return icd_first_embedded(c, e->dir, org_name, domain_of(e), admin_token, why);
}

int icd_embedded_run(const struct icd_embedded *e)
{
    static struct icd_server s;
    char why[ICD_CONFIG_WHY] = "", token[ICD_TOKEN_LEN + 1], name[256] = "localhost";
    char admin_token[ICD_FIRST_TOKEN_LEN + 1];
    if (!e->host && gethostname(name, sizeof name - 1) != 0)
        strcpy(name, "localhost");
    const char *host = e->host ? e->host : name;
    s.host = host;
    ic_err err = prepare(e, &s.config, host, token, admin_token, why);
    if (err == IC_OK) {
        err = icd_server_start(&s, why);
        if (err == IC_OK)
            err = say_ready(e, &s, host, token, admin_token);
        if (err == IC_OK)
            icd_server_run(&s);
        icd_server_stop(&s);
    }
    if (err != IC_OK)
        fprintf(stderr, "incamerad: %s\n", why[0] ? why : ic_err_text(err));
    return err == IC_OK ? 0 : 1;
}
