/* The seam between the core and the folder that holds the ciphertext of files.
 *
 * The core says which files are to go, and asks how much of one is there; whoever drives it over a network
 * writes and reads them (server/files/files.h). Sessions and files have names made of [0-9A-Za-z_-] alone.
 * Control thread; each call returns at once or after a few operations on the folder.
 */
#ifndef ICD_DISK_H
#define ICD_DISK_H

#include <ic/base/err.h>
#include <stdbool.h>
#include <stdint.h>

enum { ICD_DISK_SESSION_LEN = 32, ICD_DISK_FILE_LEN = 22 };

struct icd_disk_place {
    char session[ICD_DISK_SESSION_LEN + 1];
    char file[ICD_DISK_FILE_LEN + 1];
};

struct icd_disk_ops {
    /* An empty file in its session's folder. IC_ERR_EXISTS, IC_ERR_LIMIT (the disk is full), IC_ERR_IO. */
    ic_err (*make)(void *self, const struct icd_disk_place *place);
    /* How long the file is. IC_ERR_NOT_FOUND, IC_ERR_IO. */
    ic_err (*length)(void *self, const struct icd_disk_place *place, uint64_t *out);
    /* They are gone after this, whoever still reads them. What is not there is gone already. */
    void (*drop)(void *self, const struct icd_disk_place *place);
    void (*drop_session)(void *self, const char *session);
    /* Drops whatever `keep` does not want; file: NULL for a session as a whole. */
    void (*sweep)(void *self, bool (*keep)(void *ctx, const char *session, const char *file),
                  void *ctx);
};

struct icd_disk {
    const struct icd_disk_ops *ops;
    void *self;
};

#endif
