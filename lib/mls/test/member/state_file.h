/* A committed state of some version: a text file of `name: value` lines, values in hex.
 *
 *     suite: 1
 *     signer: private key of the member's leaf, and of its pending Update
 *     state: what ic_mls_state_encode gave
 *     authenticator, export: of its epoch ("test", context "x")
 *     late: a message of a past epoch; skipped: one of this epoch; both say their name
 *     key-package: what ic_mls_key_package_encode gave
 *     ref: its KeyPackageRef
 *     commit: the staged commit in the state; since 1.1
 */
#ifndef TEST_STATE_FILE_H
#define TEST_STATE_FILE_H

#include <ic/base/buf.h>

enum state_field {
    STATE_SUITE,
    STATE_SIGNER,
    STATE_STATE,
    STATE_AUTHENTICATOR,
    STATE_EXPORT,
    STATE_LATE,
    STATE_SKIPPED,
    STATE_KEY_PACKAGE,
    STATE_REF,
    STATE_COMMIT,
    STATE_FIELDS
};

struct state_file {
    struct ic_buf field[STATE_FIELDS]; /* the suite as 2 bytes */
};

void state_file_init(struct state_file *f);
void state_file_clear(struct state_file *f);
/* IC_ERR_NOT_FOUND where there is no such file, IC_ERR_MALFORMED where a line or field is not as it should. */
ic_err state_file_read(const char *path, struct state_file *f);
ic_err state_file_write(const char *path, const struct state_file *f);

#endif
