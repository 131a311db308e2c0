#include "identity/live.h"

const struct icd_part icd_acme_part = {.name = "acme", .schema = ""};
