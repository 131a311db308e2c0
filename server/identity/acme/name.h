/* What an order asks a certificate for: identifiers of RFC 8555 section 7.1.3, and contacts.
 *
 *     struct icd_acme_names names;
 *     IC_TRY(icd_acme_names_read(identifiers, &names, &problem));     // lower case, each once
 *
 * An order is for one person, by e-mail address, or for one device, by up to ICD_ACME_NAMES host names.
 */
#ifndef ICD_ACME_NAME_H
#define ICD_ACME_NAME_H

#include "identity/acme/problem.h"

#include <ic/base/bytes.h>

enum icd_acme_kind { ICD_ACME_DNS = 1, ICD_ACME_EMAIL = 2 };

enum {
    ICD_ACME_NAMES = 16,
    ICD_ACME_NAME_MAX = 254, /* bytes */
    ICD_ACME_CONTACTS = 4,
};

struct icd_acme_name {
    enum icd_acme_kind kind;
    char text[ICD_ACME_NAME_MAX + 1]; /* lower case */
};

struct icd_acme_names {
    struct icd_acme_name list[ICD_ACME_NAMES];
    size_t count;
};

/* ASCII letters in lower case; false where it does not fit in cap bytes. */
bool icd_acme_lower(const char *from, char *to, size_t cap);
/* "dns", "email". */
const char *icd_acme_kind_name(enum icd_acme_kind kind);
/* Reads one host name (RFC 1123 section 2.1, at least two labels, no wildcard, no number as its last label;
 * "xn--" labels as IDNA2008 makes them) or one address. unsupportedIdentifier, rejectedIdentifier,
 * malformed. */
ic_err icd_acme_name_read(const char *type, const char *value, struct icd_acme_name *out,
                          struct icd_acme_problem *p);
/* The list of an order; each faulty one is a subproblem where there are several. */
ic_err icd_acme_names_read(const json_t *identifiers, struct icd_acme_names *out,
                           struct icd_acme_problem *p);
/* [{"type", "value"}]; a new reference. */
json_t *icd_acme_names_json(const struct icd_acme_names *names);
/* Contacts as they may be kept: "mailto:" with one address and no header fields, ICD_ACME_CONTACTS at most; NULL
 * is none. *out is a new array. unsupportedContact, invalidContact. */
ic_err icd_acme_contacts_read(const json_t *contacts, json_t **out, struct icd_acme_problem *p);
#endif
