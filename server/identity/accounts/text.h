/* Names as people type them, judged and put into one form. Pure.
 *
 *     char email[ICD_EMAIL_MAX + 1];
 *     IC_TRY(icd_email_clean(IC_VIEW_STR("Ana@Example.org"), email));     // "ana@example.org"
 */
#ifndef ICD_IDENTITY_TEXT_H
#define ICD_IDENTITY_TEXT_H

#include "identity/accounts/accounts.h"

/* Into room bytes, NUL-terminated; asserts that it fits, for the schema's writers bound it. */
void icd_copy_text(char *out, size_t room, struct ic_view v);
/* As people type it, into an identity: lower case, one @, a host name behind. IC_ERR_MALFORMED. */
ic_err icd_email_clean(struct ic_view in, char out[ICD_EMAIL_MAX + 1]);
/* Lower case, letters, digits, hyphens, two labels at least. */
ic_err icd_domain_clean(struct ic_view in, char out[ICD_DOMAIN_MAX + 1]);
/* 1..max bytes of text, without blanks around it. */
bool icd_is_name(struct ic_view v, size_t max);
/* "user:<id>". */
struct icd_who {
    char text[ICD_WHO_MAX + 1];
};
struct icd_who icd_who_user(const char *user);

#endif
