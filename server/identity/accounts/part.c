#include "identity/live.h"

const struct icd_part icd_accounts_part = {.name = "accounts", .schema = ""};
