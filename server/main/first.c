#include "main/first.h"

#include "identity/admin/first.h"
#include "identity/identity.h"
#include "main/server.h"

#include <errno.h>
#include <fcntl.h>
#include <ic/base/secret.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { LIFE_S = 90 * 86400, EMBEDDED_LIFE_S = 366 * 86400 };

static ic_err make(const struct icd_config *config, const struct icd_admin_first *f, char *token,
                   char *why)
{
    char reason[ICD_IDENTITY_WHY] = "";
    struct ic_rand rand = {icd_os_random, NULL};
    if (mkdir(config->data_dir, 0700) != 0 && errno != EEXIST) {
        snprintf(why, ICD_CONFIG_WHY, "%s: %s", config->data_dir, strerror(errno));
        return IC_ERR_IO;
    }
    ic_err e =
        icd_admin_first(config->data_dir, rand, (uint64_t)time(NULL) * 1000, f, token, reason);
    if (e != IC_OK)
        snprintf(why, ICD_CONFIG_WHY, "%.200s", reason[0] ? reason : ic_err_text(e));
    return e;
}

ic_err icd_first_print(const struct icd_config *config, const char *organisation,
                       const char *domain, char *why)
{
    char token[ICD_FIRST_TOKEN_LEN + 1];
    struct icd_admin_first f = {.organisation = organisation, .domain = domain, .life_s = LIFE_S};
    IC_TRY(make(config, &f, token, why));
    printf("%s\n", token);
    ic_wipe(token, sizeof token);
    return IC_OK;
}

static bool read_kept(const char *path, char *token)
{
    FILE *f = fopen(path, "re");
    bool ok = f && fread(token, 1, ICD_FIRST_TOKEN_LEN, f) == ICD_FIRST_TOKEN_LEN;
    token[ok ? ICD_FIRST_TOKEN_LEN : 0] = '\0';
    if (f)
        fclose(f);
    return ok;
}

static bool keep(const char *path, const char *token)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    bool ok = f && fprintf(f, "%s\n", token) > 0;
    return f && fclose(f) == 0 && ok;
}

ic_err icd_first_embedded(const struct icd_config *config, const char *dir,
                          const char *organisation, const char *domain, char *token, char *why)
{
    char path[ICD_CONFIG_PATH_MAX + 16];
    struct icd_admin_first f = {
        .organisation = organisation, .domain = domain, .life_s = EMBEDDED_LIFE_S};
    snprintf(path, sizeof path, "%s/admin-token", dir);
    if (read_kept(path, token))
        return IC_OK;
    IC_TRY(make(config, &f, token, why));
    snprintf(why, ICD_CONFIG_WHY, "%.200s cannot be written", path);
    return keep(path, token) ? IC_OK : IC_ERR_IO;
}
