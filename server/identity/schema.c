/* Each part of the service owns one step, in this order. */
#include "identity/schema.h"

#include <stdio.h>
#include <string.h>

const struct icd_part *const icd_identity_parts[ICD_IDENTITY_PARTS] = {
    &icd_accounts_part, &icd_admin_part, &icd_ca_part, &icd_acme_part, &icd_tlog_part,
};

ic_err icd_identity_store_open(const char *data_dir, char *why, struct icd_store **out)
{
    const char *steps[ICD_IDENTITY_PARTS];
    char path[512] = ":memory:", reason[ICD_STORE_WHY];
    for (size_t i = 0; i < ICD_IDENTITY_PARTS; i++)
        steps[i] = icd_identity_parts[i]->schema;
    if (strcmp(data_dir, ":memory:") != 0)
        snprintf(path, sizeof path, "%s/identity.db", data_dir);
    ic_err e =
        icd_store_open_schema(path, &(struct icd_schema){steps, ICD_IDENTITY_PARTS}, reason, out);
    if (e != IC_OK)
        snprintf(why, ICD_IDENTITY_WHY, "%s: %s", path, reason);
    return e;
}
