#ifndef ICD_OWNCERT_PRIVATE_H
#define ICD_OWNCERT_PRIVATE_H

#include "owncert/owncert.h"

#include <ic/crypto/sign.h>

/* In place of what was there, all or nothing. */
ic_err icd_owncert_write(const char *path, struct ic_view content, unsigned mode);
/* The server's key, which must be on P-256. */
ic_err icd_owncert_key(const char *path, struct ic_sign_key **out);
bool icd_owncert_next_domain(struct ic_view *rest, struct ic_view *out);

#endif
