/* incamera identity enrol URL */
#include "base/ask.h"
#include "identity/command.h"
#include "identity/consent.h"
#include "identity/profile.h"
#include "identity/sign_in.h"
#include "keys/identity.h"

#include <ic/acme/acme.h>
#include <ic/base/mem.h>
#include <ic/os/os.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECRET_MAX = 1024 };

static const struct icc_option options[] = {
    {"--email", true, "ADDRESS  who you are there; asked for otherwise"},
    {"--password-file", true, "FILE  its first line is the password; asked for otherwise"},
    {"--invitation", false, "with an invitation that an administrator gave you; asked for"},
    {"--invitation-file", true, "FILE  its first line is the invitation"},
    {"--browser", false, "by the organisation's own login (OpenID Connect), in a browser here"},
    {"--provider", true, "N  which login, where the organisation has several"},
    {"--device", true, "NAME  what this device is called there; the machine's name otherwise"},
    {"--accept-roots", false, "trust the organisation's authorities without being asked"},
    {"--replace", false, "in place of a certificate that another authority gave"},
    {"--help", false, "this text"},
};

struct enrolling {
    const struct icc_args *a;
    struct icc_enrolment e;
    struct icc_identity id;
    struct icc_service *s;
    char invitation[SECRET_MAX], password[SECRET_MAX], token[512];
    struct ic_buf trust; /* as the server gave it */
    struct ic_buf pem, staple;
    char why[400];
};

static int help(int status)
{
    puts(
        "incamera identity enrol https://SERVER [options]\n\n"
        "Signs in at your organisation's server and gets a certificate for this device's key, which stays here.\n"
        "An invitation's link will do for the address. From then on `incamera join` shows who you are, and renews\n"
        "the certificate by itself.\n");
    icc_args_help(options, IC_ARRAY_LEN(options));
    return status;
}

static ic_err say(struct enrolling *n, ic_err e, const char *text)
{
    snprintf(n->why, sizeof n->why, "%s", text);
    return e;
}

/* "https://host/signin#invitation=T&c=PIN": the invitation goes out of it, the pin stays. */
static ic_err take_address(struct enrolling *n, const char *text)
{
    char rest[sizeof n->e.server];
    if (strlen(text) >= sizeof rest)
        return say(n, IC_ERR_ARG, "the address is too long");
    strcpy(rest, text);
    char *fragment = strchr(rest, '#'), *save = NULL;
    if (fragment)
        *fragment++ = 0;
    char *page = strstr(rest, "/signin");
    if (page && page[7] == 0)
        *page = 0;
    strcpy(n->e.server, rest);
    for (char *p = fragment ? strtok_r(fragment, "&", &save) : NULL; p;
         p = strtok_r(NULL, "&", &save)) {
        if (strncmp(p, "invitation=", 11) == 0)
            snprintf(n->invitation, sizeof n->invitation, "%s", p + 11);
        else if (strncmp(p, "c=", 2) == 0)
            snprintf(n->e.server + strlen(n->e.server), sizeof n->e.server - strlen(n->e.server),
                     "#%s", p);
    }
    ic_wipe(rest, sizeof rest);
    ic_err e = ic_meeting_server_parse(ic_view_cstr(n->e.server), &n->e.url);
    if (e != IC_OK)
        snprintf(n->why, sizeof n->why, "%s is no address of a server: %s", n->e.server,
                 e == IC_ERR_DENIED ? "plain http is for localhost alone"
                                    : "it looks like https://HOST, or https://HOST#c=PIN");
    return e;
}

/* The first line of a file, for a secret. */
static ic_err read_line(struct enrolling *n, const char *path, char out[SECRET_MAX])
{
    struct ic_buf b = {.max = SECRET_MAX};
    ic_err e = ic_buf_reserve(&b, SECRET_MAX);
    if (e == IC_OK)
        e = icc_file_read(path, &b);
    snprintf(out, SECRET_MAX, "%.*s", (int)b.len, (const char *)b.p);
    out[strcspn(out, "\r\n")] = 0;
    ic_buf_clear_secret(&b);
    if (e == IC_OK && !out[0])
        e = IC_ERR_MALFORMED;
    if (e != IC_OK)
        snprintf(n->why, sizeof n->why, "no secret can be read from %s", path);
    return e;
}

static ic_err read_secrets(struct enrolling *n)
{
    const char *password = icc_args_get(n->a, "--password-file");
    const char *invitation = icc_args_get(n->a, "--invitation-file");
    if (password)
        IC_TRY(read_line(n, password, n->password));
    if (invitation)
        IC_TRY(read_line(n, invitation, n->invitation));
    if (!n->invitation[0] && !icc_args_has(n->a, "--invitation") &&
        !icc_args_has(n->a, "--email") && !icc_args_has(n->a, "--browser") && !password)
        (void)icc_ask_secret("Invitation (none, to sign in by password): ", n->invitation,
                             sizeof n->invitation);
    if (icc_args_has(n->a, "--invitation") && !n->invitation[0] &&
        !icc_ask_secret("Invitation: ", n->invitation, sizeof n->invitation))
        return say(n, IC_ERR_ARG, "there is no terminal to ask at: give --invitation-file");
    return IC_OK;
}

static ic_err sign_in(struct enrolling *n)
{
    struct icc_sign_in how = {.email = icc_args_get(n->a, "--email"),
                              .invitation = n->invitation[0] ? n->invitation : NULL,
                              .password = n->password[0] ? n->password : NULL,
                              .browser = icc_args_has(n->a, "--browser"),
                              .known = n->e.known};
    if (!icc_args_number(n->a, "--provider", 1, 1 << 30, &how.provider))
        return say(n, IC_ERR_ARG, "the login cannot be chosen so");
    IC_TRY(icc_service_open(&n->e.url, &n->s));
    return icc_sign_in(n->s, &how, n->why, sizeof n->why);
}

static ic_err ask_trust(struct enrolling *n)
{
    struct icc_reply r;
    IC_TRY(icc_service_ask(n->s, "GET", "trust", NULL, &r));
    ic_err e = r.status == 200 ? ic_buf_append(&n->trust, ic_buf_view(&r.body))
                               : say(n, IC_ERR_AUTH, r.text);
    icc_reply_clear(&r);
    IC_TRY(e);
    return icc_consent_trust(ic_buf_view(&n->trust), icc_args_has(n->a, "--accept-roots"), n->why,
                             sizeof n->why);
}

static bool take_text(const json_t *o, const char *member, char *out, size_t len)
{
    const char *text = json_string_value(json_object_get(o, member));
    if (!text || strlen(text) >= len || !ic_view_is_text(ic_view_cstr(text)))
        return false;
    strcpy(out, text);
    return true;
}

/* The token that lets this account's key, and no other, prove who we are. */
static ic_err ask_enrolment(struct enrolling *n)
{
    char thumbprint[IC_ACME_THUMBPRINT];
    struct icc_reply r;
    IC_TRY(ic_acme_thumbprint(n->e.account, thumbprint));
    IC_TRY(icc_service_ask(n->s, "POST", "enrolments",
                           json_pack("{s:s, s:s}", "thumbprint", thumbprint, "device", n->e.device),
                           &r));
    ic_err e = IC_OK;
    if (r.status != 201)
        e = say(n, r.status ? IC_ERR_AUTH : IC_ERR_IO, r.text);
    else if (!take_text(r.json, "token", n->token, sizeof n->token) ||
             !take_text(r.json, "email", n->e.email, sizeof n->e.email) ||
             !take_text(r.json, "name", n->e.name, sizeof n->e.name) ||
             !take_text(r.json, "directory", n->e.directory, sizeof n->e.directory))
        e = say(n, IC_ERR_MALFORMED, "the server's answer is not understood");
    icc_reply_clear(&r);
    return e;
}

/* The account's key is never the certificate's (RFC 8555 section 11.1). A new one for each enrolment: what the former
 * one might do ends with its device's record at the server. */
static ic_err make_account(struct enrolling *n)
{
    struct ic_rand rand = ic_os_rand();
    const char *device = icc_args_get(n->a, "--device");
    if (device)
        snprintf(n->e.device, sizeof n->e.device, "%s", device);
    else if (gethostname(n->e.device, sizeof n->e.device - 1) != 0 || !n->e.device[0])
        strcpy(n->e.device, "incamera");
    return ic_sign_key_generate(IC_ECDSA_P256_SHA256, &rand, &n->e.account);
}

static ic_err check_profile(struct enrolling *n)
{
    struct icc_enrolment former = {.server = ""};
    char why[200];
    bool enrolled = icc_enrolment_load(&former, why, sizeof why) == IC_OK;
    if (enrolled && strcmp(former.server, n->e.server) == 0)
        strcpy(n->e.known, former.known);
    icc_enrolment_clear(&former);
    if (!enrolled && icc_profile_has("certificate.pem") && !icc_args_has(n->a, "--replace"))
        return say(n, IC_ERR_EXISTS,
                   "this device has a certificate of another authority (`incamera identity show`): "
                   "--replace takes its place, or set INCAMERA_HOME for another profile");
    return icc_identity_load(NULL, 2, &n->id, n->why, sizeof n->why);
}

static ic_err keep(struct enrolling *n)
{
    IC_TRY(icc_profile_write("trust.json", ic_buf_view(&n->trust)));
    IC_TRY(icc_enrolment_save(&n->e));
    IC_TRY(icc_profile_write("certificate.pem", ic_buf_view(&n->pem)));
    return n->staple.len ? icc_profile_write("staple", ic_buf_view(&n->staple)) : IC_OK;
}

static ic_err enrol(struct enrolling *n)
{
    IC_TRY(check_profile(n));
    IC_TRY(read_secrets(n));
    IC_TRY(make_account(n));
    IC_TRY(sign_in(n));
    IC_TRY(ask_trust(n));
    IC_TRY(ask_enrolment(n));
    IC_TRY(icc_service_issue(n->s, &n->e, n->id.key, n->token, (struct ic_view){0}, &n->pem, n->why,
                             sizeof n->why));
    ic_err e = icc_service_staple(n->s, ic_buf_view(&n->pem), &n->staple);
    if (e != IC_OK && e != IC_ERR_NOT_FOUND)
        return say(n, e, "the server's proof of the log is not understood");
    icc_sign_out(n->s);
    e = keep(n);
    return e == IC_OK ? e : say(n, e, "the certificate came, but the profile cannot be written");
}

static void clear(struct enrolling *n)
{
    icc_service_close(n->s);
    icc_identity_clear(&n->id);
    icc_enrolment_clear(&n->e);
    ic_buf_clear(&n->trust);
    ic_buf_clear(&n->pem);
    ic_buf_clear(&n->staple);
    ic_free_secret(n, sizeof *n);
}

int icc_identity_enrol(int argc, char **argv)
{
    struct icc_args a;
    if (!icc_args_parse(&a, options, IC_ARRAY_LEN(options), argc, argv))
        return 2;
    if (icc_args_has(&a, "--help") || a.free_count != 1)
        return help(icc_args_has(&a, "--help") ? 0 : 2);
    struct enrolling *n = ic_new(struct enrolling);
    if (!n)
        return 1;
    n->a = &a;
    ic_buf_init(&n->trust, ICC_PROFILE_FILE_MAX);
    ic_buf_init(&n->pem, ICC_PROFILE_FILE_MAX);
    ic_buf_init(&n->staple, ICC_PROFILE_FILE_MAX);
    ic_err e = take_address(n, a.free[0]);
    if (e == IC_OK)
        e = enrol(n);
    if (e != IC_OK)
        fprintf(stderr, "incamera: %s\n", n->why[0] ? n->why : ic_err_text(e));
    clear(n);
    return e == IC_OK ? icc_identity_show(0, NULL) : 1;
}
