/* incamera identity show [--json] */
#include "identity/command.h"
#include "identity/contacts.h"
#include "identity/profile.h"
#include "keys/identity.h"

#include <ic/base/json.h>
#include <ic/base/mem.h>
#include <ic/crypto/hash.h>
#include <stdio.h>
#include <string.h>

static const struct icc_option options[] = {
    {"--json", false, "for programs"},
    {"--help", false, "this text"},
};

struct shown {
    char folder[ICC_PROFILE_PATH];
    struct icc_identity id;
    uint8_t key_hash[32];
    struct icc_certificates certificates;
    bool has_chain;
    struct icc_described described;
    struct icc_contacts contacts;
    char trouble[400]; /* why the certificates are not used; or "" */
};

static void print_key(const struct shown *s)
{
    char code[ICC_KEY_CODE];
    icc_key_code(s->key_hash, code);
    printf("Profile     %s\n", s->folder);
    if (s->id.token)
        printf("Key         %s, in the token %s\n", icc_words_key(s->id.suite->sig),
               ic_pkcs11_token_label(s->id.token));
    else
        printf("Key         %s, in the profile\n", icc_words_key(s->id.suite->sig));
    printf("Key's code  %.39s\n            %s\n", code, code + 40);
}

static void print(const struct shown *s)
{
    print_key(s);
    if (s->trouble[0])
        printf("Certificate cannot be used: %s\n", s->trouble);
    else if (s->has_chain)
        icc_described_print(&s->described);
    else
        puts(
            "Certificate none: others see you as not verified (`incamera identity enrol`, or `csr`)");
    printf("Contacts    %zu\n", s->contacts.count);
}

static ic_err print_json(const struct shown *s)
{
    IC_BUF_SCOPE(line, 1 << 20);
    struct ic_json j = ic_json(&line);
    ic_json_object(&j, NULL);
    ic_json_cstr(&j, "profile", s->folder);
    ic_json_cstr(&j, "key", icc_words_key(s->id.suite->sig));
    ic_json_uint(&j, "suite", s->id.suite->id);
    ic_json_cstr(&j, "token", s->id.token ? ic_pkcs11_token_label(s->id.token) : "");
    ic_json_hex(&j, "key_hash", IC_VIEW_ARRAY(s->key_hash));
    ic_json_uint(&j, "contacts", s->contacts.count);
    ic_json_cstr(&j, "trouble", s->trouble);
    if (s->has_chain) {
        ic_json_object(&j, "certificate");
        icc_described_json(&s->described, &j);
        ic_json_object_end(&j);
    }
    ic_json_object_end(&j);
    IC_TRY(ic_json_end(&j));
    printf("%.*s\n", (int)line.len, (const char *)line.p);
    return IC_OK;
}

static ic_err gather(struct shown *s, char *why, size_t why_len)
{
    const struct icc_certificate_paths paths = {.profile = true};
    IC_TRY(icc_profile_path("", s->folder));
    IC_TRY(icc_identity_load(NULL, 2, &s->id, why, why_len));
    ic_hash_once(IC_SHA256, ic_sign_key_public(s->id.key), s->key_hash);
    IC_TRY(icc_contacts_load(&s->contacts, why, why_len));
    if (icc_certificates_load(&paths, s->id.key, &s->certificates, s->trouble, sizeof s->trouble) !=
        IC_OK)
        return IC_OK; /* that is shown */
    s->has_chain = s->certificates.chain.len != 0;
    return s->has_chain
               ? icc_describe(ic_buf_view(&s->certificates.chain), &s->certificates, &s->described)
               : IC_OK;
}

int icc_identity_show(int argc, char **argv)
{
    struct icc_args a;
    char why[400] = "";
    if (!icc_args_parse(&a, options, IC_ARRAY_LEN(options), argc, argv))
        return 2;
    if (icc_args_has(&a, "--help") || a.free_count) {
        puts(
            "incamera identity show [--json]\n\nWho this device is: its key, made at the first look, and its "
            "certificate. The key's code is what\nothers add you by, in person: `incamera identity contacts add "
            "NAME CODE`.\n");
        icc_args_help(options, IC_ARRAY_LEN(options));
        return icc_args_has(&a, "--help") ? 0 : 2;
    }
    struct shown *s IC_AUTOFREE = ic_new(struct shown);
    if (!s)
        return 1;
    ic_err e = gather(s, why, sizeof why);
    if (e == IC_OK && icc_args_has(&a, "--json"))
        e = print_json(s);
    else if (e == IC_OK)
        print(s);
    if (e != IC_OK)
        fprintf(stderr, "incamera: %s\n", why[0] ? why : ic_err_text(e));
    icc_contacts_clear(&s->contacts);
    icc_certificates_clear(&s->certificates);
    icc_identity_clear(&s->id);
    return e == IC_OK ? 0 : 1;
}
