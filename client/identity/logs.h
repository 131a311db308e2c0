/* The logs of certificates that this device holds to their word: those of trust.json, and the newest head of each,
 * kept in the profile's file `heads`.
 *
 *     struct ic_together_logs *logs;
 *     IC_TRY(icc_logs_open(&logs, why, sizeof why));       // NULL: no log is known
 *     ... ic/together/logs.h ...
 *     IC_IGNORE(icc_logs_keep(logs));
 *     ic_together_logs_free(logs);
 */
#ifndef ICC_IDENTITY_LOGS_H
#define ICC_IDENTITY_LOGS_H

#include "identity/enrolment.h"
#include "identity/trust.h"

#include <ic/together/logs.h>

enum { ICC_LOGS_SERVER = sizeof(((struct icc_enrolment *)0)->server) };

/* Errors of trust.json and of `heads`; why says which. */
ic_err icc_logs_open(struct ic_together_logs **out, char *why, size_t why_len);
/* Writes `heads`. */
ic_err icc_logs_keep(const struct ic_together_logs *logs);
/* The heads alone, without a meeting; empty where nothing was kept. */
ic_err icc_heads_load(struct ic_merkle_heads **out, char *why, size_t why_len);
ic_err icc_heads_keep(const struct ic_merkle_heads *heads);
/* The profile's trust.json. IC_ERR_NOT_FOUND: this device is in no organisation. */
ic_err icc_logs_trust(struct icc_trust *out, char *why, size_t why_len);
/* The server that this device enrolled with; IC_ERR_NOT_FOUND. */
ic_err icc_logs_server(char out[ICC_LOGS_SERVER]);

#endif
