/* The folder that holds the ciphertext of files: DIR/<session>/<file>, modes 0700 and 0600.
 *
 *     IC_TRY(icd_disk_open("/var/lib/incamera/files", &d));
 *     config.disk = icd_disk_seam(d);
 *     IC_TRY(icd_disk_write(d, &place, at, bytes));     // any thread: written and synced on IC_OK
 *     IC_TRY(icd_disk_read(d, &place, &fd));            // the caller closes it
 *     icd_disk_close(d);
 *
 * All but icd_disk_write belong to the control thread.
 */
#ifndef ICD_FILES_DISK_H
#define ICD_FILES_DISK_H

#include <ic/base/bytes.h>
#include <icd/disk.h>

struct icd_files_disk;

/* Makes the folder. IC_ERR_IO (errno), IC_ERR_NOMEM. */
ic_err icd_disk_open(const char *path, struct icd_files_disk **out);
/* Accepts NULL. */
void icd_disk_close(struct icd_files_disk *d);
struct icd_disk icd_disk_seam(struct icd_files_disk *d);
/* IC_ERR_LIMIT: the disk is full, or a quota of the system; IC_ERR_NOT_FOUND: the file was dropped. */
ic_err icd_disk_write(const struct icd_files_disk *d, const struct icd_disk_place *place,
                      uint64_t at, struct ic_view bytes);
ic_err icd_disk_read(const struct icd_files_disk *d, const struct icd_disk_place *place, int *fd);

#endif
