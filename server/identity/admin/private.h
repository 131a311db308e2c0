/* What the files of the administrators' API share. */
#ifndef ICD_IDENTITY_ADMIN_PRIVATE_H
#define ICD_IDENTITY_ADMIN_PRIVATE_H

#include "identity/live.h"

extern const char icd_admin_schema[];

#endif
