/* Proposals from outside of a group, RFC 9420 section 12.1.8: of the senders that its external_senders
 * extension lists, and of who asks to be added. They need what a GroupInfo or an observer says of the
 * group, and no secret of it; they are PublicMessages, whatever the group does else.
 *
 *     const struct ic_mlspub_proposal p = {.type = IC_MLS_REMOVE, .remove = leaf};
 *     const struct ic_mlspub_outsider us = {.key = key, .index = 0};
 *     IC_TRY(ic_mlspub_propose_external(ic_mlspub_observer_context(o), &us, &p, &message));
 */
#ifndef IC_MLSPUB_PROPOSE_H
#define IC_MLSPUB_PROPOSE_H

#include <ic/base/api.h>
#include <ic/crypto/sign.h>
#include <ic/mlspub/fault.h>
#include <ic/mlspub/types.h>

IC_API_BEGIN

struct ic_mlspub_outsider {
    const struct ic_sign_key *key;
    uint32_t index; /* of an external sender, in the extension */
    struct ic_view authenticated_data;
    struct ic_mlspub_fault *fault; /* gets the rule that was met; may be NULL */
};

/* Appends an MLSMessage. p: Add (a decoded key package), Remove, PreSharedKey (with a fresh nonce of the
 * suite's hash_len bytes), ReInit, GroupContextExtensions, or a custom type. That a Remove's leaf is there
 * is for the members to judge. IC_ERR_NOT_FOUND: the group lists no such sender; IC_ERR_KEY: its key is
 * another; IC_ERR_MALFORMED: not a proposal for an external sender; IC_ERR_RULE; IC_ERR_UNSUPPORTED (the
 * group's suite). */
ic_err ic_mlspub_propose_external(const struct ic_mlspub_group_context *context,
                                  const struct ic_mlspub_outsider *us,
                                  const struct ic_mlspub_proposal *p, struct ic_buf *out);
/* Appends an MLSMessage: the Add of us->key's own key package (an MLSMessage); us->index is ignored.
 * IC_ERR_KEY: the key package has another key; IC_ERR_RULE: it is for another suite. */
ic_err ic_mlspub_propose_new_member(const struct ic_mlspub_group_context *context,
                                    const struct ic_mlspub_outsider *us, struct ic_view key_package,
                                    struct ic_buf *out);

IC_API_END

#endif
