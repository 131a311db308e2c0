/* The one error type of the house.
 *
 * Every function that can fail for a reason outside its caller's power returns `ic_err`; a caller's
 * own bug is an assert. Ignoring a result is a compiler warning, and warnings are errors. A function
 * that fails leaves its outputs and the object it works on as they were.
 *
 *     ic_err f(struct ic_reader *r, struct thing *out)
 *     {
 *         struct thing t = {0};
 *         IC_TRY(thing_decode(r, &t));
 *         *out = t;
 *         return IC_OK;
 *     }
 *
 * Towards a peer, failures of decryption and authentication are coarse; the precise rule goes to the
 * local user through the object's own detail call (participant, leaf, rule).
 */
#ifndef IC_BASE_ERR_H
#define IC_BASE_ERR_H

#include <ic/base/api.h>

IC_API_BEGIN

/* Name, then the sentence `ic_err_text` gives. The order is not part of any wire format. */
#define IC_ERR_LIST(X)                                                                             \
    X(OK, "no error")                                                                              \
    X(ERR_NOMEM, "out of memory")                                                                  \
    X(ERR_LIMIT, "a limit was reached")                                                            \
    X(ERR_TRUNCATED, "the input ends too early")                                                   \
    X(ERR_TRAILING, "bytes are left over after the message")                                       \
    X(ERR_MALFORMED, "the encoding is not valid")                                                  \
    X(ERR_UNSUPPORTED, "this version, suite or type is not supported here")                        \
    X(ERR_RANGE, "a value is outside its permitted range")                                         \
    X(ERR_ARG, "an argument does not fit")                                                         \
    X(ERR_STATE, "not possible in this state")                                                     \
    X(ERR_NOT_FOUND, "not found")                                                                  \
    X(ERR_EXISTS, "it exists already")                                                             \
    X(ERR_AGAIN, "nothing to do until more arrives")                                               \
    X(ERR_CLOSED, "the connection is closed")                                                      \
    X(ERR_TIMEOUT, "it took too long")                                                             \
    X(ERR_IO, "reading or writing failed")                                                         \
    X(ERR_CRYPTO, "the crypto provider failed")                                                    \
    X(ERR_KEY, "the key is not valid")                                                             \
    X(ERR_AUTH, "authentication failed")                                                           \
    X(ERR_SIGNATURE, "the signature does not verify")                                              \
    X(ERR_REPLAY, "it was seen before")                                                            \
    X(ERR_EXPIRED, "it is too old, or not valid yet")                                              \
    X(ERR_EPOCH, "it belongs to another epoch")                                                    \
    X(ERR_STALE, "another change came first")                                                      \
    X(ERR_UNKNOWN_KEY, "no key is known for it")                                                   \
    X(ERR_RULE, "a rule of the protocol is broken")                                                \
    X(ERR_DENIED, "not permitted")                                                                 \
    X(ERR_OWN_ECHO, "it is our own message")                                                       \
    X(ERR_PSK, "a pre-shared key is missing")                                                      \
    X(ERR_REMOVED, "this member was removed")                                                      \
    X(ERR_BUSY, "too much at once")

#define IC_ERR_ENUM_(name, text) IC_##name,
enum IC_NODISCARD ic_err { IC_ERR_LIST(IC_ERR_ENUM_) IC_ERR_COUNT };
#undef IC_ERR_ENUM_
typedef enum ic_err ic_err;

/* "ERR_TRUNCATED": stable, for logs and tests. Never NULL. */
const char *ic_err_name(ic_err e);
/* A short sentence without full stop. Never NULL. */
const char *ic_err_text(ic_err e);

/* The one macro that hides a return. */
#define IC_TRY(call)                                                                               \
    do {                                                                                           \
        ic_err ic_try_ = (call);                                                                   \
        if (ic_try_ != IC_OK)                                                                      \
            return ic_try_;                                                                        \
    } while (0)

/* For clean-up paths where a failure changes nothing. */
#define IC_IGNORE(call)                                                                            \
    do {                                                                                           \
        ic_err ic_ignore_ = (call);                                                                \
        (void)ic_ignore_;                                                                          \
    } while (0)

IC_API_END

#endif
