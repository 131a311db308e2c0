#include "identity/acme/match.h"

#include <string.h>

struct found {
    const struct icd_acme_names *ordered;
    bool seen[ICD_ACME_NAMES];
};

static bool note(struct found *f, enum icd_acme_kind kind, struct ic_view value)
{
    char given[ICD_ACME_NAME_MAX + 1], text[ICD_ACME_NAME_MAX + 1];
    if (value.len == 0 || value.len > ICD_ACME_NAME_MAX || memchr(value.p, 0, value.len))
        return false;
    memcpy(given, value.p, value.len);
    given[value.len] = 0;
    if (!icd_acme_lower(given, text, sizeof text))
        return false;
    for (size_t i = 0; i < f->ordered->count; i++)
        if (f->ordered->list[i].kind == kind && strcmp(f->ordered->list[i].text, text) == 0) {
            f->seen[i] = true;
            return true;
        }
    return false;
}

static bool note_san(struct found *f, const struct ic_pki_name *n)
{
    static const char im[] = "im:";
    switch (n->kind) {
    case IC_PKI_NAME_DNS:
        return note(f, ICD_ACME_DNS, n->value);
    case IC_PKI_NAME_EMAIL:
        return note(f, ICD_ACME_EMAIL, n->value);
    case IC_PKI_NAME_URI: /* RFC 9734: how the same person is reached */
        return n->value.len > 3 && memcmp(n->value.p, im, 3) == 0 &&
               note(f, ICD_ACME_EMAIL, ic_view_sub(n->value, 3, n->value.len - 3));
    default:
        return false;
    }
}

ic_err icd_acme_names_match(const struct icd_acme_names *ordered, const struct ic_pki_csr *csr,
                            struct icd_acme_problem *p)
{
    struct found f = {.ordered = ordered};
    struct ic_reader r = ic_reader(csr->names);
    struct ic_pki_name n;
    char common[ICD_ACME_NAME_MAX + 2] = "";
    bool person = ordered->count && ordered->list[0].kind == ICD_ACME_EMAIL;
    while (ic_pki_names_next(&r, &n))
        if (!note_san(&f, &n))
            return icd_acme_refuse(p, ICD_ACME_E_BAD_CSR,
                                   "the request names something that was not ordered");
    if (csr->subject.len)
        ic_pki_common_name(csr->subject, common, sizeof common);
    bool named =
        common[0] && note(&f, person ? ICD_ACME_EMAIL : ICD_ACME_DNS, ic_view_cstr(common));
    if (common[0] && !named && !person)
        return icd_acme_refuse(p, ICD_ACME_E_BAD_CSR,
                               "the common name of the request was not ordered");
    for (size_t i = 0; i < ordered->count; i++)
        if (!f.seen[i])
            return icd_acme_refuse(p, ICD_ACME_E_BAD_CSR, "the request does not name %s",
                                   ordered->list[i].text);
    return IC_OK;
}
