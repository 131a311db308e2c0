#include "identity/live.h"

const struct icd_part icd_tlog_part = {.name = "tlog", .schema = ""};
