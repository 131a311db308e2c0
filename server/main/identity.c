/* The identity service inside this process: its requests, its turns, its address. */
#include "identity/identity.h"
#include "log/log.h"
#include "main/server.h"

#include <stdio.h>
#include <string.h>

static uint64_t now_ms(void *ctx)
{
    return icd_server_now_ms(ctx);
}

static void answer(void *ctx, uint64_t ticket, struct icd_http_response *out)
{
    struct icd_server *s = ctx;
    if (s->http)
        icd_http_answer(s->http, ticket, out);
}

static void on_log(void *ctx, int level, const char *event, const char *fields)
{
    (void)ctx;
    icd_log((enum icd_log_level)level, event, "%s", fields);
}

/* Without an address of its own: the first one that https is listened on, by this machine's name. */
static void find_base_url(struct icd_server *s)
{
    struct icd_identity_config *c = &s->config.identity;
    char host[200] = "localhost";
    uint16_t tls = icd_server_port(s, true);
    if (c->base_url[0])
        return;
    if (s->host)
        snprintf(host, sizeof host, "%s", s->host);
    if (tls)
        snprintf(c->base_url, sizeof c->base_url, "https://%s:%u", host, tls);
    else
        snprintf(c->base_url, sizeof c->base_url, "http://localhost:%u", icd_server_port(s, false));
}

/* Browsers take the page on this machine for safe without TLS. */
static void find_origins(struct icd_server *s)
{
    struct icd_identity_config *c = &s->config.identity;
    uint16_t plain = icd_server_port(s, false);
    if (!c->origins[0] && plain)
        snprintf(c->origins, sizeof c->origins, "http://localhost:%u", plain);
}

ic_err icd_server_open_identity(struct icd_server *s, char *why)
{
    char reason[ICD_IDENTITY_WHY];
    if (!s->config.identity.enabled)
        return IC_OK;
    find_base_url(s);
    find_origins(s);
    struct icd_identity_seam seam = {.config = &s->config.identity,
                                     .data_dir = s->config.data_dir,
                                     .rand = {icd_os_random, NULL},
                                     .loop = &s->loop,
                                     .now_ms = now_ms,
                                     .answer = answer,
                                     .log = on_log,
                                     .ctx = s};
    ic_err e = icd_identity_new(&seam, reason, &s->identity);
    if (e != IC_OK)
        snprintf(why, ICD_CONFIG_WHY, "%s", reason);
    return e;
}
