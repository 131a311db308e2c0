/* incamera identity contacts [add NAME CODE | remove WHO] */
#include "base/clock.h"
#include "identity/command.h"
#include "identity/contacts.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

static const struct icc_option options[] = {
    {"--address", true, "ADDRESS  their e-mail address, as their certificate has it"},
    {"--json", false, "for programs: the file as it is"},
    {"--help", false, "this text"},
};

static int help(int status)
{
    puts(
        "incamera identity contacts                 whom you know by their key\n"
        "incamera identity contacts add NAME CODE   the code that their `incamera identity show` shows, read from\n"
        "                                           their screen\n"
        "incamera identity contacts remove WHO      by name, address or code\n\n"
        "A meeting shows a contact as known, and gives alarm where somebody of that name has another key.\n");
    icc_args_help(options, IC_ARRAY_LEN(options));
    return status;
}

static int save(const struct icc_contacts *c, ic_err e)
{
    if (e == IC_OK)
        e = icc_contacts_save(c);
    if (e == IC_OK)
        return 0;
    fprintf(stderr, "incamera: the contact is not kept: %s\n",
            e == IC_ERR_ARG ? "a name is 1 to 64 bytes of plain text" : ic_err_text(e));
    return 1;
}

static int add(struct icc_contacts *c, const struct icc_args *a)
{
    struct icc_contact k = {.how = ICC_CONTACT_IN_PERSON, .time_s = (int64_t)(icc_now_ms() / 1000)};
    const char *address = icc_args_get(a, "--address");
    char code[200] = "";
    /* The code's groups may stand apart: whoever copies them need not quote. */
    for (size_t i = 2; i < a->free_count; i++)
        snprintf(code + strlen(code), sizeof code - strlen(code), "%s", a->free[i]);
    if (!icc_key_code_parse(code, k.key_hash)) {
        fprintf(
            stderr,
            "incamera: a key's code has 64 hexadecimal digits in 16 groups; put it in quotes\n");
        return 2;
    }
    if (strlen(a->free[1]) >= sizeof k.name || (address && strlen(address) >= sizeof k.address))
        return save(c, IC_ERR_ARG);
    strcpy(k.name, a->free[1]);
    strcpy(k.address, address ? address : "");
    return save(c, icc_contacts_put(c, &k));
}

static int list(const struct icc_contacts *c, bool json)
{
    IC_BUF_SCOPE(text, 4 << 20);
    if (json) {
        if (icc_contacts_write(c, &text) != IC_OK)
            return 1;
        printf("%.*s\n", (int)text.len, (const char *)text.p);
        return 0;
    }
    if (c->count == 0)
        puts("There are no contacts.");
    for (size_t i = 0; i < c->count; i++) {
        const struct icc_contact *k = &c->list[i];
        char code[ICC_KEY_CODE];
        icc_key_code(k->key_hash, code);
        printf("%s%s%s%s, %s\n  %.39s\n  %s\n", k->name, k->address[0] ? " <" : "", k->address,
               k->address[0] ? ">" : "",
               k->how == ICC_CONTACT_CODE ? "compared by the code of a meeting"
                                          : "compared in person",
               code, code + 40);
    }
    return 0;
}

static int take_away(struct icc_contacts *c, const char *who)
{
    if (icc_contacts_remove(c, who))
        return save(c, IC_OK);
    fprintf(stderr, "incamera: there is no contact %s\n", who);
    return 1;
}

int icc_identity_contacts(int argc, char **argv)
{
    struct icc_args a;
    struct icc_contacts c = {0};
    char why[200] = "";
    if (!icc_args_parse(&a, options, IC_ARRAY_LEN(options), argc, argv))
        return 2;
    if (icc_args_has(&a, "--help"))
        return help(0);
    if (icc_contacts_load(&c, why, sizeof why) != IC_OK) {
        fprintf(stderr, "incamera: %s\n", why);
        return 1;
    }
    const char *what = a.free_count ? a.free[0] : "";
    int status = 2;
    if (a.free_count == 0)
        status = list(&c, icc_args_has(&a, "--json"));
    else if (strcmp(what, "add") == 0 && a.free_count >= 3)
        status = add(&c, &a);
    else if (strcmp(what, "remove") == 0 && a.free_count == 2)
        status = take_away(&c, a.free[1]);
    else
        help(2);
    icc_contacts_clear(&c);
    return status;
}
