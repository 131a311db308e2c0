#include "identity/sign_in.h"

#include "base/ask.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SECRET_MAX = 1024, PROOF = 512 };

static ic_err say(char *why, size_t len, ic_err e, const char *text)
{
    snprintf(why, len, "%s", text);
    return e;
}

static void add_label(json_t *body)
{
    char host[64] = "", label[100];
    gethostname(host, sizeof host - 1);
    snprintf(label, sizeof label, "incamera on %s", host[0] ? host : "a terminal");
    json_object_set_new(body, "client", json_string(label));
}

/* Takes the session out of the reply, or says why there is none. */
static ic_err take_session(struct icc_service *s, const struct icc_sign_in *how,
                           struct icc_reply *r, char *why, size_t why_len)
{
    const char *token = json_string_value(json_object_get(r->json, "token"));
    const char *known = json_string_value(json_object_get(r->json, "known"));
    ic_err e = IC_OK;
    if (r->status == 0) {
        e = say(why, why_len, IC_ERR_IO, r->text);
    } else if (r->status == 401) { /* the server tells nobody why */
        e = say(why, why_len, IC_ERR_AUTH,
                how->browser ? "the server does not take this sign-in: have you an account there?"
                : how->invitation
                    ? "the server does not take this invitation: it may be used up, or too old. An "
                      "administrator can give you another"
                    : "the server does not take this address and password");
    } else if (r->status / 100 != 2) {
        e = say(why, why_len, IC_ERR_AUTH, r->text);
    } else if (!token || strlen(token) >= sizeof s->session) {
        e = say(why, why_len, IC_ERR_AUTH, "the server's answer is not understood");
    } else {
        strcpy(s->session, token);
        if (known && strlen(known) < 128)
            strcpy(how->known, known);
    }
    icc_reply_clear(r);
    return e;
}

static ic_err post(struct icc_service *s, const struct icc_sign_in *how, const char *path,
                   json_t *body, char *why, size_t why_len)
{
    struct icc_reply r;
    add_label(body);
    IC_TRY(icc_service_ask(s, "POST", path, body, &r));
    return take_session(s, how, &r, why, why_len);
}

static ic_err by_password(struct icc_service *s, const struct icc_sign_in *how, char *why,
                          size_t why_len)
{
    char email[256] = "", password[SECRET_MAX] = "", prompt[300];
    if (!how->email && !icc_ask_line("E-mail address: ", email, sizeof email))
        return say(why, why_len, IC_ERR_ARG, "there is no terminal to ask at: give --email");
    snprintf(prompt, sizeof prompt, "Password of %s: ", how->email ? how->email : email);
    if (!how->password && !icc_ask_secret(prompt, password, sizeof password))
        return say(why, why_len, IC_ERR_ARG,
                   "there is no terminal to ask for the password: give --password-file");
    json_t *body = json_pack("{s:s, s:s}", "email", how->email ? how->email : email, "password",
                             how->password ? how->password : password);
    ic_wipe(password, sizeof password);
    if (!body)
        return say(why, why_len, IC_ERR_ARG, "address and password must be text in UTF-8");
    if (how->known[0])
        json_object_set_new(body, "known", json_string(how->known));
    return post(s, how, "signin/password", body, why, why_len);
}

struct browser {
    struct icc_service *s;
    long provider;
    char secret[PROOF];
};

/* Asks for the address to go to, and shows it. */
static ic_err begin_browser(void *ctx, const char *redirect, char *why, size_t why_len)
{
    struct browser *b = ctx;
    struct icc_reply r;
    IC_TRY(icc_service_ask(
        b->s, "POST", "signin/oidc/begin",
        json_pack("{s:I, s:s}", "provider", (json_int_t)b->provider, "redirect", redirect), &r));
    const char *url = json_string_value(json_object_get(r.json, "url"));
    const char *secret = json_string_value(json_object_get(r.json, "secret"));
    ic_err e = IC_OK;
    if (r.status / 100 != 2 || !url || !secret || strlen(secret) >= PROOF)
        e = say(why, why_len, r.status ? IC_ERR_AUTH : IC_ERR_IO,
                r.text[0] ? r.text : "the server's answer is not understood");
    for (const char *p = url; e == IC_OK && *p; p++)
        if (*p <= ' ' || *p > '~')
            e = say(why, why_len, IC_ERR_AUTH, "the server's answer is not understood");
    if (e == IC_OK) {
        strcpy(b->secret, secret);
        printf("Sign in with a browser on this machine:\n\n  %s\n\nWaiting ...\n", url);
        fflush(stdout);
    }
    icc_reply_clear(&r);
    return e;
}

static ic_err by_browser(struct icc_service *s, const struct icc_sign_in *how, char *why,
                         size_t why_len)
{
    struct browser b = {.s = s, .provider = how->provider ? how->provider : 1};
    char code[PROOF], state[PROOF], iss[PROOF];
    uv_loop_t loop;
    if (uv_loop_init(&loop) != 0)
        return IC_ERR_NOMEM;
    ic_err e = icc_loopback_wait(&loop, begin_browser, &b, code, state, iss, PROOF, why, why_len);
    uv_loop_close(&loop);
    if (e == IC_OK)
        e = post(s, how, "signin/oidc/finish",
                 json_pack("{s:s, s:s, s:s, s:s*}", "state", state, "code", code, "secret",
                           b.secret, "iss", iss[0] ? iss : NULL),
                 why, why_len);
    ic_wipe(code, sizeof code);
    ic_wipe(&b, sizeof b);
    return e;
}

ic_err icc_sign_in(struct icc_service *s, const struct icc_sign_in *how, char *why, size_t why_len)
{
    if (how->browser)
        return by_browser(s, how, why, why_len);
    if (!how->invitation)
        return by_password(s, how, why, why_len);
    json_t *body = json_pack("{s:s}", "token", how->invitation);
    return body ? post(s, how, "signin/invitation", body, why, why_len)
                : say(why, why_len, IC_ERR_ARG, "that is no invitation");
}

void icc_sign_out(struct icc_service *s)
{
    struct icc_reply r;
    if (!s->session[0])
        return;
    if (icc_service_ask(s, "POST", "signout", json_object(), &r) == IC_OK)
        icc_reply_clear(&r);
    ic_wipe(s->session, sizeof s->session);
}
