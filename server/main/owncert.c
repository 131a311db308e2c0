/* [acme] in the running server: whose certificate it is, and what follows when a new one comes. */
#include "log/log.h"
#include "main/server.h"

#include <stdio.h>
#include <string.h>

static uint64_t now_ms(void *ctx)
{
    return icd_server_now_ms(ctx);
}

static void on_log(void *ctx, int level, const char *event, const char *fields)
{
    (void)ctx;
    icd_log((enum icd_log_level)level, event, "%s", fields);
}

static void on_changed(void *ctx)
{
    icd_server_reload_certificate(ctx);
}

ic_err icd_server_prepare_owncert(struct icd_server *s, char *why)
{
    char certificate[ICD_OWNCERT_PATH], private_key[ICD_OWNCERT_PATH], reason[ICD_OWNCERT_WHY] = "";
    const struct ic_rand rand = {icd_os_random, NULL};
    if (!s->config.acme.directory[0])
        return IC_OK;
    snprintf(s->owncert_dir, sizeof s->owncert_dir, "%s/acme", s->config.data_dir);
    icd_owncert_paths(s->owncert_dir, certificate, private_key);
    ic_err e = strlen(private_key) >= sizeof s->config.private_key ? IC_ERR_RANGE : IC_OK;
    if (e == IC_OK)
        e = icd_owncert_prepare(&s->config.acme, s->owncert_dir, icd_server_now_ms(s) / 1000, &rand,
                                reason);
    if (e != IC_OK) {
        snprintf(why, ICD_CONFIG_WHY, "[acme]: %.400s", reason[0] ? reason : ic_err_text(e));
        return e;
    }
    strcpy(s->config.certificate, certificate);
    strcpy(s->config.private_key, private_key);
    return IC_OK;
}

ic_err icd_server_open_owncert(struct icd_server *s, char *why)
{
    char reason[ICD_OWNCERT_WHY] = "";
    const struct icd_owncert_seam seam = {.loop = &s->loop,
                                          .config = &s->config.acme,
                                          .dir = s->owncert_dir,
                                          .rand = {icd_os_random, NULL},
                                          .now_ms = now_ms,
                                          .changed = on_changed,
                                          .log = on_log,
                                          .ctx = s};
    if (!s->config.acme.directory[0])
        return IC_OK;
    ic_err e = icd_owncert_start(&seam, reason, &s->owncert);
    if (e != IC_OK)
        snprintf(why, ICD_CONFIG_WHY, "[acme]: %.400s", reason[0] ? reason : ic_err_text(e));
    return e;
}
