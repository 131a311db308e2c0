/* The parts of the service, and the database that they share. */
#ifndef ICD_IDENTITY_SCHEMA_H
#define ICD_IDENTITY_SCHEMA_H

#include "identity/live.h"

enum { ICD_IDENTITY_PARTS = 5 };
extern const struct icd_part *const icd_identity_parts[ICD_IDENTITY_PARTS];

/* data_dir/identity.db; why: ICD_IDENTITY_WHY bytes. */
ic_err icd_identity_store_open(const char *data_dir, char *why, struct icd_store **out);

#endif
