#include "identity/acme/name.h"

#include <idn2.h>
#include <stdio.h>
#include <string.h>

const char *icd_acme_kind_name(enum icd_acme_kind kind)
{
    return kind == ICD_ACME_EMAIL ? "email" : "dns";
}

static bool letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* RFC 5890 section 2.3.2.1: a label that begins so must be what IDNA2008 makes of some name. */
static bool is_a_label(const char *label, size_t len)
{
    char text[64], *unicode = NULL;
    uint8_t *back = NULL;
    memcpy(text, label, len);
    text[len] = 0;
    bool good = idn2_to_unicode_8z8z(text, &unicode, 0) == IDN2_OK && strcmp(text, unicode) != 0 &&
                idn2_lookup_u8((const uint8_t *)unicode, &back,
                               IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK &&
                strcmp((const char *)back, text) == 0;
    idn2_free(unicode);
    idn2_free(back);
    return good;
}

static const char *label_fault(const char *label, size_t len)
{
    if (len == 0 || len > 63)
        return "a label has 1 to 63 characters";
    if (label[0] == '-' || label[len - 1] == '-')
        return "a label does not begin or end with a hyphen";
    for (size_t i = 0; i < len; i++)
        if (!letter_or_digit(label[i]) && label[i] != '-')
            return "a host name has letters, digits, hyphens and dots";
    /* RFC 5891 section 4.2.3.1 leaves other "??--" labels to nobody. */
    if (len >= 4 && label[2] == '-' && label[3] == '-' &&
        (strncmp(label, "xn", 2) != 0 || !is_a_label(label, len)))
        return "a label with hyphens in third and fourth place must be a proper xn-- label";
    return NULL;
}

/* Why it is no host name that is taken; NULL where it is one. */
static const char *host_fault(const char *name)
{
    size_t labels = 0, len = 0;
    bool number = false;
    if (strlen(name) > 253)
        return "a host name has at most 253 characters";
    if (strncmp(name, "*.", 2) == 0)
        return "a wildcard is no device";
    for (const char *at = name;; at += len + 1) {
        len = strcspn(at, ".");
        const char *fault = label_fault(at, len);
        if (fault)
            return fault;
        labels++;
        number = strspn(at, "0123456789") == len;
        if (at[len] == 0)
            break;
    }
    if (number)
        return "an address is no host name";
    return labels < 2 ? "a host name has at least two labels" : NULL;
}

/* RFC 5321 section 4.1.2: a Dot-string, which is what people have; quotes are not taken. */
static const char *address_fault(const char *address)
{
    static const char atext[] = "abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~.";
    size_t local = strspn(address, atext);
    if (local == 0 || local > 64 || address[local] != '@')
        return "an address is local-part@domain, of 64 characters at most before the @";
    if (address[0] == '.' || address[local - 1] == '.' || memmem(address, local, "..", 2))
        return "the local part has a dot where none may be";
    return host_fault(address + local + 1);
}

bool icd_acme_lower(const char *from, char *to, size_t cap)
{
    size_t n = strlen(from);
    if (n + 1 > cap)
        return false;
    for (size_t i = 0; i <= n; i++)
        to[i] = from[i] >= 'A' && from[i] <= 'Z' ? (char)(from[i] + 32) : from[i];
    return true;
}

ic_err icd_acme_name_read(const char *type, const char *value, struct icd_acme_name *out,
                          struct icd_acme_problem *p)
{
    struct icd_acme_name n = {.kind = ICD_ACME_DNS};
    if (strcmp(type, "email") == 0)
        n.kind = ICD_ACME_EMAIL;
    else if (strcmp(type, "dns") != 0)
        return icd_acme_refuse(p, ICD_ACME_E_UNSUPPORTED_IDENTIFIER, "type: dns or email");
    if (!icd_acme_lower(value, n.text, sizeof n.text))
        return icd_acme_refuse(p, ICD_ACME_E_REJECTED_IDENTIFIER, "a name of more than %d bytes",
                               ICD_ACME_NAME_MAX);
    const char *fault = n.kind == ICD_ACME_EMAIL ? address_fault(n.text) : host_fault(n.text);
    if (fault)
        return icd_acme_refuse(p, ICD_ACME_E_REJECTED_IDENTIFIER, "%s", fault);
    *out = n;
    return IC_OK;
}

static bool has(const struct icd_acme_names *names, const struct icd_acme_name *n)
{
    for (size_t i = 0; i < names->count; i++)
        if (names->list[i].kind == n->kind && strcmp(names->list[i].text, n->text) == 0)
            return true;
    return false;
}

static ic_err read_one(const json_t *item, struct icd_acme_names *out, struct icd_acme_problem *p)
{
    struct icd_acme_name n;
    struct icd_acme_problem one = {0};
    const char *type = json_string_value(json_object_get(item, "type")),
               *value = json_string_value(json_object_get(item, "value"));
    if (!type || !value)
        return icd_acme_refuse(p, ICD_ACME_E_MALFORMED, "an identifier has a type and a value");
    if (icd_acme_name_read(type, value, &n, &one) != IC_OK) {
        /* The last one's error is the whole's; each is told apart. */
        p->error = one.error;
        p->status = one.status;
        memcpy(p->detail, one.detail, sizeof p->detail);
        icd_acme_subproblem(p, one.error, one.detail, type, value);
        return IC_OK;
    }
    if (has(out, &n))
        return icd_acme_refuse(p, ICD_ACME_E_MALFORMED, "an identifier is there twice");
    out->list[out->count++] = n;
    return IC_OK;
}

ic_err icd_acme_names_read(const json_t *identifiers, struct icd_acme_names *out,
                           struct icd_acme_problem *p)
{
    struct icd_acme_names names = {.count = 0};
    size_t n = json_array_size(identifiers);
    if (n == 0 || n > ICD_ACME_NAMES)
        return icd_acme_refuse(p, ICD_ACME_E_MALFORMED, "identifiers: a list of 1 to %d",
                               ICD_ACME_NAMES);
    for (size_t i = 0; i < n; i++)
        IC_TRY(read_one(json_array_get(identifiers, i), &names, p));
    if (p->status)
        return IC_ERR_RULE;
    for (size_t i = 0; i < names.count; i++)
        if (names.list[i].kind == ICD_ACME_EMAIL && names.count > 1)
            return icd_acme_refuse(p, ICD_ACME_E_REJECTED_IDENTIFIER,
                                   "a person's order has one address and nothing else");
    *out = names;
    return IC_OK;
}

json_t *icd_acme_names_json(const struct icd_acme_names *names)
{
    json_t *a = json_array();
    for (size_t i = 0; i < names->count; i++)
        json_array_append_new(a, json_pack("{s:s, s:s}", "type",
                                           icd_acme_kind_name(names->list[i].kind), "value",
                                           names->list[i].text));
    return a;
}

ic_err icd_acme_contacts_read(const json_t *contacts, json_t **out, struct icd_acme_problem *p)
{
    char address[ICD_ACME_NAME_MAX + 1];
    size_t i;
    const json_t *item;
    if (contacts && (!json_is_array(contacts) || json_array_size(contacts) > ICD_ACME_CONTACTS))
        return icd_acme_refuse(p, ICD_ACME_E_MALFORMED, "contact: a list of at most %d",
                               ICD_ACME_CONTACTS);
    json_array_foreach((json_t *)(uintptr_t)contacts, i, item)
    {
        const char *text = json_string_value(item);
        if (!text || strncmp(text, "mailto:", 7) != 0)
            return icd_acme_refuse(p, ICD_ACME_E_UNSUPPORTED_CONTACT, "contact: mailto: alone");
        /* RFC 8555 section 7.3: one address, and no header fields. */
        if (!icd_acme_lower(text + 7, address, sizeof address) || strchr(address, '?') ||
            address_fault(address))
            return icd_acme_refuse(p, ICD_ACME_E_INVALID_CONTACT,
                                   "contact: mailto: with one address and nothing behind it");
    }
    *out = contacts ? json_deep_copy(contacts) : json_array();
    return *out ? IC_OK : icd_acme_failed(p, IC_ERR_NOMEM);
}
