/* The profile: the folder where a device keeps who it is. $INCAMERA_HOME, else $XDG_DATA_HOME/incamera, else
 * ~/.local/share/incamera; made when something is first written, for its owner alone (0700, files 0600).
 *
 * | file                 | what                                                               |
 * |----------------------|--------------------------------------------------------------------|
 * | `identity`           | the signature key, or where it is in a token (keys/identity.h)      |
 * | `certificate.pem`    | who we are by somebody else's word: our chain, leaf first           |
 * | `external-roots.pem` | authorities that this device trusts (`incamera identity roots`)     |
 * | `enrolment.json`     | where and as whom we enrolled, with the key of the ACME account     |
 * | `trust.json`         | the organisation's roots, log keys and lists, as agreed to          |
 * | `staple`             | the proof that our certificate stands in the log                    |
 * | `heads`              | the newest head of each log that this device saw                    |
 * | `revoked.pem`        | the newest lists of revoked certificates that it saw                |
 * | `known-certificates` | those in one's own name that `incamera identity audit` accepted      |
 * | `contacts.json`      | keys that were compared in person or by code (identity/contacts.h)  |
 *
 *     IC_BUF_SCOPE(b, 65536);
 *     ic_err e = icc_profile_read("contacts.json", &b);     // IC_ERR_NOT_FOUND: not there yet
 *     IC_TRY(icc_profile_write("contacts.json", ic_buf_view(&b)));
 */
#ifndef ICC_IDENTITY_PROFILE_H
#define ICC_IDENTITY_PROFILE_H

#include <ic/base/buf.h>
#include <ic/base/err.h>

enum { ICC_PROFILE_PATH = 512, ICC_PROFILE_FILE_MAX = 4 << 20 };

/* The path of a file in the profile, "" for the folder itself, whether or not it is there; the folder is made.
 * IC_ERR_IO where there is no HOME, or the folder cannot be made. */
ic_err icc_profile_path(const char *file, char out[ICC_PROFILE_PATH]);
/* Appends the file's content. IC_ERR_NOT_FOUND, IC_ERR_IO, IC_ERR_LIMIT (out's maximum), IC_ERR_NOMEM. */
ic_err icc_profile_read(const char *file, struct ic_buf *out);
/* Puts the content in place of what was there, all or nothing, through a power cut too. IC_ERR_IO. */
ic_err icc_profile_write(const char *file, struct ic_view content);
/* IC_OK also where there was none. */
ic_err icc_profile_remove(const char *file);
/* True where the file is there. */
bool icc_profile_has(const char *file);
/* Appends any file's content, by its path, or of standard input where that is "-". Errors as icc_profile_read. */
ic_err icc_file_read(const char *path, struct ic_buf *out);

#endif
