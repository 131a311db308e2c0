/* The service for files: who may put and get ciphertext, how much, and that it goes with its session.
 *
 * A member asks by FILES_OPEN for a token; with it HTTP requests are made, whose parts come here and whose
 * answer is either complete or a plan: bytes to write, or to read, at a place on the disk. Bytes are never
 * looked at. docs/protocol/http.md tells the requests.
 *
 *     icd_files_call(core, &call, &plan, &body);
 *     if (plan.act == ICD_FILES_WRITE) {
 *         e = write and sync plan.len bytes at plan.at of plan.place;       // on another thread
 *         icd_files_written(core, &plan, e, &body);                         // plan.status is set
 *     }
 *
 * Control thread. A file's bytes are durable before they are acknowledged, and a piece that was not
 * acknowledged is never shown: only a whole file is.
 */
#ifndef ICD_FILES_FILES_H
#define ICD_FILES_FILES_H

#include <ic/base/buf.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <icd/disk.h>

struct icd_core;

enum { ICD_FILES_PIECE = 256 << 10, ICD_FILES_TOKEN_LEN = 43 };
#define ICD_FILES_PATH "/api/v1/files"

struct icd_files_call {
    struct ic_view method, path, query, token;
    struct ic_view range; /* of the header Range; empty: none */
    size_t body_len;
    uint64_t now_ms;
};

enum icd_files_act { ICD_FILES_ANSWER, ICD_FILES_WRITE, ICD_FILES_READ };
struct icd_files_plan {
    enum icd_files_act act;
    int status; /* ICD_FILES_WRITE: not yet */
    struct icd_disk_place place;
    uint64_t at, len, total; /* total: of the file; READ with status 206: a part of it */
    uint64_t upload;         /* WRITE: which one it belongs to */
};

void icd_files_register(struct icd_core *core);
/* Whether a request with this token has a rate of its own. */
bool icd_files_knows(struct icd_core *core, struct ic_view token);
/* body: JSON, appended. Flushes the core. */
void icd_files_call(struct icd_core *core, const struct icd_files_call *c,
                    struct icd_files_plan *plan, struct ic_buf *body);
/* After ICD_FILES_WRITE, once, whatever came of it: IC_OK, IC_ERR_LIMIT (full disk), IC_ERR_IO. */
void icd_files_written(struct icd_core *core, struct icd_files_plan *plan, ic_err e,
                       struct ic_buf *body);

#endif
