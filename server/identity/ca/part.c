#include "identity/live.h"

const struct icd_part icd_ca_part = {.name = "ca", .schema = ""};
