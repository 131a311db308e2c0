/* incamera admin THING DO ... */
#include "cli/command.h"
#include "admin/admin.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

static const struct icc_option options[] = {
    {"--url", true, "URL  the service; $INCAMERA_SERVER otherwise, or as login stored it"},
    {"--token", true, "TOKEN  better in $INCAMERA_ADMIN_TOKEN, or stored by login"},
    {"--json", false, "the answer itself, for programs"},
    {"--limit", true, "N  how many rows at most; all otherwise (audit: 50)"},
    {"--invite", false, "users add: give an invitation too"},
    {"--dry-run", false, "users import: look at everything, change nothing"},
    {"--no-invite", false, "users import: give no invitations"},
    {"--output", true, "FILE  users import: the invitations as CSV, for you alone to read"},
    {"--name", true, "TEXT  users add, roots add: what they are called"},
    {"--secret-file", true, "FILE  providers add: the client's secret is its first line"},
    {"--no-trust-email", false, "providers add: its word on e-mail addresses is not believed"},
    {"--scopes", true, "A,B,...  tokens add: what the token may do"},
    {"--expires", true, "SPAN  tokens add: 30d, 12h ...; 90 days otherwise"},
    {"--reason", true, "REASON  certificates revoke: keyCompromise, superseded ..."},
    {"--since", true, "WHEN  audit: 7d, 12h, or 2026-11-30T14:00"},
    {"--until", true, "WHEN  audit: the same"},
    {"--user", true, "USER  audit, certificates: of one user, by e-mail address or id"},
    {"--action", true, "WORD  audit: user.added, or with a dot at its end all of a kind"},
    {"--yes", false, "do not ask before what cannot be undone"},
    {"--help", false, "this text"},
};

static const struct {
    const char *thing, *verb; /* verb "": the thing is all */
    size_t min, max;          /* arguments */
    icc_admin_fn *fn;
    const char *arguments, *help;
} commands[] = {
    {"login", "", 0, 0, icc_admin_login, "--url URL --token TOKEN",
     "store both; says what the token may do"},
    {"logout", "", 0, 0, icc_admin_logout, "", "forget them"},
    {"users", "list", 0, 0, icc_admin_users_list, "", "everybody"},
    {"users", "add", 1, 2, icc_admin_users_add, "EMAIL NAME [--invite]",
     "a new user in a verified domain"},
    {"users", "show", 1, 1, icc_admin_users_show, "USER", "one of them, by e-mail address or id"},
    {"users", "rename", 2, 2, icc_admin_users_rename, "USER NAME", "another name to be shown"},
    {"users", "invite", 1, 1, icc_admin_users_invite, "USER", "a new one-time way in"},
    {"users", "suspend", 1, 1, icc_admin_users_suspend, "USER",
     "end sessions, revoke certificates, lock out"},
    {"users", "resume", 1, 1, icc_admin_users_resume, "USER", "let them sign in again"},
    {"users", "delete", 1, 1, icc_admin_users_delete, "USER", "for good"},
    {"users", "import", 1, 1, icc_admin_users_import, "FILE.csv [--dry-run]",
     "in bulk; columns email,name"},
    {"users", "export", 0, 1, icc_admin_users_export, "[FILE.csv]", "all of them as CSV"},
    {"domains", "list", 0, 0, icc_admin_domains_list, "", "domains, verified or not"},
    {"domains", "add", 1, 1, icc_admin_domains_add, "NAME", "a domain, and what proves it"},
    {"domains", "verify", 1, 1, icc_admin_domains_verify, "NAME", "look for the proof"},
    {"domains", "remove", 1, 1, icc_admin_domains_remove, "NAME", "nobody new comes by it"},
    {"roots", "list", 0, 0, icc_admin_roots_list, "", "external authorities that are accepted"},
    {"roots", "add", 1, 1, icc_admin_roots_add, "FILE.pem [--name TEXT]", "accept one"},
    {"roots", "remove", 1, 1, icc_admin_roots_remove, "FINGERPRINT",
     "no more; its first 8 letters are enough"},
    {"policy", "show", 0, 0, icc_admin_policy_show, "", "what the organisation allows"},
    {"policy", "set", 1, ICC_FREE_MAX, icc_admin_policy_set, "NAME=VALUE ...",
     "passwords=yes session=7d"},
    {"providers", "list", 0, 0, icc_admin_providers_list, "",
     "where people sign in by OpenID Connect"},
    {"providers", "add", 3, 3, icc_admin_providers_add, "NAME ISSUER CLIENT_ID", "one more"},
    {"providers", "remove", 1, 1, icc_admin_providers_remove, "ID", "one less"},
    {"tokens", "list", 0, 0, icc_admin_tokens_list, "", "who may administer, until when"},
    {"tokens", "add", 1, 1, icc_admin_tokens_add, "NAME --scopes A,B",
     "a new one; shown this once"},
    {"tokens", "revoke", 1, 1, icc_admin_tokens_revoke, "ID", "it ends at once"},
    {"certificates", "list", 0, 0, icc_admin_certificates_list, "[--user USER]",
     "what the internal authority issued"},
    {"certificates", "revoke", 1, 1, icc_admin_certificates_revoke, "SERIAL [--reason R]",
     "take one back"},
    {"audit", "", 0, 0, icc_admin_audit, "[--since 7d] [--user USER]",
     "who did what, newest first"},
};

/* thing NULL: all of them. */
static void list_commands(FILE *to, const char *thing)
{
    char left[80];
    for (size_t i = 0; i < IC_ARRAY_LEN(commands); i++) {
        if (thing && strcmp(commands[i].thing, thing) != 0)
            continue;
        if (!thing && i && strcmp(commands[i].thing, commands[i - 1].thing) != 0 &&
            *commands[i].verb)
            fputc('\n', to);
        snprintf(left, sizeof left, "%s%s%s %s", commands[i].thing, *commands[i].verb ? " " : "",
                 commands[i].verb, commands[i].arguments);
        fprintf(to, "  %-40s %s\n", left, commands[i].help);
    }
}

static int help(FILE *to, int status, const char *thing, bool all)
{
    if (!thing)
        fputs(
            "incamera admin COMMAND: users, domains, roots, policies and tokens of an organisation\n\n",
            to);
    list_commands(to, thing);
    if (all) {
        puts("");
        icc_args_help(options, IC_ARRAY_LEN(options));
    } else {
        fputs("\n`incamera admin --help` has the options too.\n", to);
    }
    return status;
}

static bool is_thing(const char *word)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(commands); i++)
        if (strcmp(commands[i].thing, word) == 0)
            return true;
    return false;
}

static int run(struct icc_admin *a, size_t k)
{
    size_t words = *commands[k].verb ? 2 : 1, n = a->args.free_count - words;
    if (n < commands[k].min || n > commands[k].max) {
        fprintf(stderr, "incamera: it is: incamera admin %s%s%s %s\n", commands[k].thing,
                *commands[k].verb ? " " : "", commands[k].verb, commands[k].arguments);
        return 2;
    }
    memmove(a->args.free, a->args.free + words, n * sizeof a->args.free[0]);
    a->args.free_count = n;
    bool itself = commands[k].fn == icc_admin_login || commands[k].fn == icc_admin_logout;
    int status = !itself && !icc_admin_connect(a) ? 2 : commands[k].fn(a);
    icc_admin_close(a);
    return status;
}

int icc_command_admin(int argc, char **argv)
{
    struct icc_admin a = {0};
    if (!icc_args_parse(&a.args, options, IC_ARRAY_LEN(options), argc, argv))
        return 2;
    const char *thing = a.args.free_count ? a.args.free[0] : NULL;
    const char *verb = a.args.free_count > 1 ? a.args.free[1] : "";
    if (icc_args_has(&a.args, "--help"))
        return help(stdout, 0, thing && is_thing(thing) ? thing : NULL, true);
    a.json = icc_args_has(&a.args, "--json");
    if (!thing)
        return help(stderr, 2, NULL, false);
    for (size_t i = 0; i < IC_ARRAY_LEN(commands); i++)
        if (strcmp(commands[i].thing, thing) == 0 &&
            (!*commands[i].verb || strcmp(commands[i].verb, verb) == 0))
            return run(&a, i);
    if (!is_thing(thing)) {
        fprintf(stderr, "incamera: there is no command admin %s\n\n", thing);
        return help(stderr, 2, NULL, false);
    }
    fprintf(stderr,
            *verb ? "incamera: there is no command admin %s %s; there are:\n\n"
                  : "incamera: admin %s what?%s\n\n",
            thing, verb);
    return help(stderr, 2, thing, false);
}
