/* The schema's steps, oldest first. A step that was released is never changed: a new one is added. */
#ifndef ICD_STORE_MIGRATIONS_H
#define ICD_STORE_MIGRATIONS_H

#include <stddef.h>

/* Step i takes the schema from version i to i + 1; each is run in a transaction of its own. */
const char *icd_migration(size_t i);
size_t icd_migration_count(void);

#endif
