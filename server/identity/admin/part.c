#include "identity/live.h"

const struct icd_part icd_admin_part = {.name = "admin", .schema = ""};
