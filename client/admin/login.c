/* Where the service is and by which token it is asked: options, environment, or what login stored. */
#include "admin/admin.h"
#include "base/ask.h"
#include "base/clock.h"
#include "identity/profile.h"
#include "net/net.h"

#include <ic/base/secret.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char file_name[] = "admin.json";

ic_err icc_admin_remember(const char *server, const char *token)
{
    json_t *o = json_pack("{s:s, s:s}", "server", server, "token", token);
    char *text = o ? json_dumps(o, JSON_INDENT(1)) : NULL;
    json_decref(o);
    if (!text)
        return IC_ERR_NOMEM;
    ic_err e = icc_profile_write(file_name, ic_view_cstr(text));
    ic_wipe(text, strlen(text));
    free(text);
    return e;
}

ic_err icc_admin_forget(void)
{
    return icc_profile_remove(file_name);
}

static json_t *stored(void)
{
    IC_BUF_SCOPE(text, 8192);
    json_t *o = NULL;
    if (icc_profile_read(file_name, &text) == IC_OK)
        o = json_loadb((const char *)text.p, text.len, 0, NULL);
    ic_buf_clear_secret(&text);
    return o;
}

static const char *first_of(const char *a, const char *b, const char *c)
{
    return a && *a ? a : b && *b ? b : c;
}

static bool take_token(struct icc_admin *a, const char *token)
{
    size_t n = token ? strlen(token) : 0;
    if (n == 0) {
        fputs(
            "incamera: no access token: `incamera admin login --url URL --token TOKEN` stores one,\n"
            "  $INCAMERA_ADMIN_TOKEN carries one; `incamerad --admin-token ORGANISATION` prints one\n",
            stderr);
        return false;
    }
    if (n >= sizeof a->token || strncmp(token, "ica_", 4) != 0) {
        fputs("incamera: an administrator's token begins with ica_ (ict_ is for making meetings)\n",
              stderr);
        return false;
    }
    memcpy(a->token, token, n + 1);
    return true;
}

static bool take_server(struct icc_admin *a, const char *url)
{
    if (!url) {
        fputs("incamera: which server? --url, $INCAMERA_SERVER, or once `incamera admin login`\n",
              stderr);
        return false;
    }
    if (strlen(url) < sizeof a->url &&
        ic_meeting_server_parse(ic_view_cstr(url), &a->server) == IC_OK) {
        snprintf(a->url, sizeof a->url, "%s", url);
        return true;
    }
    fprintf(stderr, "incamera: %s is no address of a server, as https://meet.example.org is one\n",
            url);
    return false;
}

static bool open_net(struct icc_admin *a)
{
    if (uv_loop_init(&a->loop) != 0)
        return false;
    if (icc_net_new(&a->loop, &a->server, &a->net) == IC_OK)
        return true;
    uv_loop_close(&a->loop);
    fputs("incamera: no memory for a connection\n", stderr);
    return false;
}

bool icc_admin_connect(struct icc_admin *a)
{
    json_t *kept = stored();
    const char *server = json_string_value(json_object_get(kept, "server"));
    const char *url = first_of(icc_args_get(&a->args, "--url"), getenv("INCAMERA_SERVER"), server);
    /* What login stored is for that server alone. */
    const char *its = url && server && strcmp(url, server) == 0
                          ? json_string_value(json_object_get(kept, "token"))
                          : NULL;
    const char *token =
        first_of(icc_args_get(&a->args, "--token"), getenv("INCAMERA_ADMIN_TOKEN"), its);
    bool ok = take_server(a, url) && (a->token[0] || take_token(a, token)) && open_net(a);
    json_decref(kept);
    return ok;
}

void icc_admin_close(struct icc_admin *a)
{
    if (a->net) {
        icc_net_free(a->net);
        uv_run(&a->loop, UV_RUN_NOWAIT);
        uv_loop_close(&a->loop);
    }
    ic_wipe(a->token, sizeof a->token);
}

/* ---- login, logout ---- */

static void show_organisation(const json_t *o)
{
    const json_t *token = json_object_get(o, "token"), *scope;
    char name[1024], span[40], list[200] = "";
    size_t i;
    json_array_foreach(json_object_get(token, "scopes"), i, scope)
    {
        size_t n = strlen(list);
        snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", icc_admin_harmless(scope, name));
    }
    json_int_t left =
        json_integer_value(json_object_get(token, "expires")) - (json_int_t)(icc_now_ms() / 1000);
    icc_admin_span(left > 0 ? left : 0, span, sizeof span);
    icc_admin_line("organisation", json_object_get(o, "name"));
    icc_admin_line("service", json_object_get(o, "base_url"));
    icc_admin_line("token", json_object_get(token, "name"));
    icc_admin_line_word("scopes", list);
    icc_admin_line_word("ends in", span);
}

/* A terminal is asked where neither options nor what is stored for this server have a token. */
static bool ask_token(struct icc_admin *a)
{
    json_t *kept = stored();
    bool known = icc_args_has(&a->args, "--token") || getenv("INCAMERA_ADMIN_TOKEN") ||
                 (!icc_args_has(&a->args, "--url") && json_object_get(kept, "token"));
    json_decref(kept);
    if (known || icc_ask_secret("Access token (ica_...): ", a->token, sizeof a->token))
        return true;
    fputs("incamera: no token was given: --token, $INCAMERA_ADMIN_TOKEN, or a terminal to ask at\n",
          stderr);
    return false;
}

int icc_admin_login(struct icc_admin *a)
{
    if (!ask_token(a) || !icc_admin_connect(a))
        return 2;
    json_t *o = icc_admin_get(a, "/organisation");
    if (!o)
        return 1;
    int status = 0;
    if (icc_admin_remember(a->url, a->token) != IC_OK) {
        fputs("incamera: the token is good, but the profile cannot be written\n", stderr);
        status = 1;
    }
    if (!icc_admin_json(a, o))
        show_organisation(o);
    json_decref(o);
    return status;
}

int icc_admin_logout(struct icc_admin *a)
{
    (void)a;
    if (icc_admin_forget() != IC_OK) {
        fputs("incamera: the profile cannot be written\n", stderr);
        return 1;
    }
    puts("The token is forgotten here; `tokens revoke` ends one for good.");
    return 0;
}
