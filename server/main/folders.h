/* The server's folders, and that it is the only server on them: two would each number a group's messages.
 *
 *     struct icd_folders f = {0};
 *     IC_TRY(icd_folders_open(&config, &f, why));    // makes what is missing, takes data_dir's lock
 *     IC_TRY(icd_folders_say(&f, why));              // once it listens: run_dir/incamerad.pid
 *     icd_folders_close(&f);                         // also after an error, or zeroed
 *
 * The lock is the kernel's, on data_dir/incamerad.lock: whichever way the process ends, it ends with it.
 */
#ifndef ICD_FOLDERS_H
#define ICD_FOLDERS_H

#include "config/config.h"

struct icd_folders {
    int lock; /* descriptor + 1; 0: none */
    char pid_path[ICD_CONFIG_PATH_MAX + 16];
    bool said;
};

/* why: ICD_CONFIG_WHY bytes for people. IC_ERR_EXISTS: another server has this data_dir; IC_ERR_IO. */
ic_err icd_folders_open(const struct icd_config *c, struct icd_folders *out, char *why);
ic_err icd_folders_say(struct icd_folders *f, char *why);
void icd_folders_close(struct icd_folders *f);

#endif
