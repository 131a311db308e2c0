/* An audit for people and for programs, and what the person said of its certificates. */
#ifndef ICC_IDENTITY_AUDIT_SHOW_H
#define ICC_IDENTITY_AUDIT_SHOW_H

#include "identity/audit.h"

/* Fills mine and known. key: this device's public key. */
void icc_audit_recognise(struct icc_audit *a, struct ic_view key);
/* Keeps all that were found as known, in the profile. IC_ERR_IO, IC_ERR_NOMEM. */
ic_err icc_audit_accept(const struct icc_audit *a);
/* How many are neither mine nor known. */
size_t icc_audit_unknown(const struct icc_audit *a);
/* The table, and what to do. server: plain text. */
void icc_audit_print(const struct icc_audit *a, const char *server);
/* One object, a line. */
ic_err icc_audit_json(const struct icc_audit *a, const char *server);

#endif
