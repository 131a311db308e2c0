/* The files of a meeting as one device knows them: what was announced, by whom, what was withdrawn.
 *
 *     struct ic_together_files *l;
 *     IC_TRY(ic_together_files_new(&l));
 *     IC_TRY(ic_together_files_said(l, kind, body, key_hash, host, &index));   // kinds 64 and 65
 *     const struct ic_together_files_entry *e = ic_together_files_at(l, index);
 *     ic_together_files_free(l);
 *
 * An id is announced once; who shared a file, or a host, withdraws it. One thread at a time.
 */
#ifndef IC_TOGETHER_FILE_LIST_H
#define IC_TOGETHER_FILE_LIST_H

#include <ic/together/file.h>

IC_API_BEGIN

enum { IC_TOGETHER_FILES_MAX = 1000 };

struct ic_together_files_entry {
    struct ic_together_file file;
    uint8_t by[32]; /* key hash of who shared it */
    bool gone;      /* withdrawn: its key is wiped */
};

struct ic_together_files;
/* IC_ERR_NOMEM. */
ic_err ic_together_files_new(struct ic_together_files **out);
/* Wipes. Accepts NULL. */
void ic_together_files_free(struct ic_together_files *l);
/* A message of kind IC_TOGETHER_FILE or IC_TOGETHER_FILE_WITHDRAWN from the device with this key hash
 * (32 bytes); host: the sender is one. Gives the entry that is new or gone. Errors of the decoders;
 * IC_ERR_EXISTS (the id was announced), IC_ERR_NOT_FOUND, IC_ERR_DENIED (not theirs to withdraw),
 * IC_ERR_LIMIT, IC_ERR_UNSUPPORTED (another kind), IC_ERR_NOMEM. */
ic_err ic_together_files_said(struct ic_together_files *l, uint16_t kind, struct ic_view body,
                              const uint8_t by[32], bool host, size_t *index);
size_t ic_together_files_count(const struct ic_together_files *l);
/* Borrowed until the next announcement. Asserts that i is there. */
const struct ic_together_files_entry *ic_together_files_at(const struct ic_together_files *l,
                                                           size_t i);
/* IC_ERR_NOT_FOUND. */
ic_err ic_together_files_find(const struct ic_together_files *l,
                              const uint8_t id[IC_TOGETHER_FILE_ID], size_t *index);

IC_API_END

#endif
