/* The identity service's first administrator: `incamerad --admin-token ORG`, and the embedded server's own. */
#ifndef ICD_MAIN_FIRST_H
#define ICD_MAIN_FIRST_H

#include "config/config.h"

enum { ICD_FIRST_TOKEN_LEN = 48 };

/* Prints a token with all scopes for 90 days; the organisation is made where there is none of that name; so is its
 * domain, which needs no proof here: who has the database may say so. NULL: none. why:
 * ICD_CONFIG_WHY bytes. A server may be running on the same database. */
ic_err icd_first_print(const struct icd_config *config, const char *organisation,
                       const char *domain, char *why);
/* The embedded server's organisation, with that domain verified: its token, kept in DIR/admin-token
 * (0600) and made where that is not there. token: ICD_FIRST_TOKEN_LEN + 1 bytes. */
ic_err icd_first_embedded(const struct icd_config *config, const char *dir,
                          const char *organisation, const char *domain, char *token, char *why);

#endif
