/* Structured logs: one line an event, `time=... level=... event=... key=value`, to a file or standard
 * error. Events are stable words; no names, no content, ids only as the numbers that the run gave them.
 *
 *     icd_log_open(NULL, ICD_LOG_INFO, why);
 *     icd_log(ICD_LOG_INFO, "listening", "port=%u", port);
 */
#ifndef ICD_LOG_H
#define ICD_LOG_H

#include <ic/base/err.h>
#include <icd/core.h>

/* dir: NULL or "" for standard error, else the folder of incamerad.log (0640), which is opened again by
 * the next call, so that it can be rotated. On an error the former target stays. */
ic_err icd_log_open(const char *dir, enum icd_log_level level, char *why, size_t why_room);
void icd_log_close(void);
__attribute__((format(printf, 3, 4))) void icd_log(enum icd_log_level level, const char *event,
                                                   const char *format, ...);

#endif
