#include "identity/tlog/private.h"

#include "identity/base/keyfile.h"

#include <stdio.h>
#include <string.h>

ic_err icd_tlog_key(const char *data_dir, bool make, const struct ic_rand *rand,
                    struct ic_sign_key **out, char *why)
{
    char path[400];
    snprintf(path, sizeof path, "%s/log.key", data_dir);
    return icd_keyfile(strcmp(data_dir, ":memory:") == 0 ? NULL : path, make, rand, out, why);
}
