/* The schema's steps, oldest first: step i takes it from version i to i + 1. A step that was released is never changed: a new one is added. */
#ifndef ICD_STORE_MIGRATIONS_H
#define ICD_STORE_MIGRATIONS_H

#include "store/store.h"

/* Of the meetings' database; the identity service has one of its own. */
const struct icd_schema *icd_migrations(void);

#endif
