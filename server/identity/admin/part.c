#include "identity/admin/private.h"

const struct icd_part icd_admin_part = {.name = "admin", .schema = icd_admin_schema};
