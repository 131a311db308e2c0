/* One sender or one receiver under one KID: RFC 9605 section 4.4, without any key management.
 *
 *     struct ic_sframe_sender *s;
 *     IC_TRY(ic_sframe_sender_new(4, kid, base_key, &s));
 *     IC_TRY(ic_sframe_sender_protect(s, metadata, frame, out, &len));
 *     ic_sframe_sender_free(s);                            // wipes
 *
 * Keys are set up once; a frame costs no allocation. Each object belongs to one thread at a time.
 * A base key is either sent with or received with for a KID, never both (section 4.4.1): there is no
 * object that does both, and the sender counts by itself, so no nonce repeats as long as one base key
 * and KID make one sender. Meetings use ic/sframe/store.h instead, which sees to that too.
 */
#ifndef IC_SFRAME_STREAM_H
#define IC_SFRAME_STREAM_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/base/secret.h>
#include <ic/sframe/header.h>
#include <ic/sframe/suite.h>

enum {
    IC_SFRAME_OVERHEAD_MAX = IC_SFRAME_HEADER_MAX + IC_SFRAME_TAG_MAX,
    IC_SFRAME_METADATA_MAX = 256,
    IC_SFRAME_WINDOW = 1024, /* counters behind the highest one that are still told apart */
};

struct ic_sframe_sender;

/* base_key: any length above 0; wiping it is the caller's part. IC_ERR_UNSUPPORTED, IC_ERR_KEY,
 * IC_ERR_NOMEM. */
ic_err ic_sframe_sender_new(uint16_t suite, uint64_t kid, struct ic_view base_key,
                            struct ic_sframe_sender **out);
/* Accepts NULL. */
void ic_sframe_sender_free(struct ic_sframe_sender *s);
/* Header, ciphertext and tag to out, which has plain.len + IC_SFRAME_OVERHEAD_MAX bytes of room and
 * does not overlap plain. metadata (may be empty) is authenticated, not sent. IC_ERR_LIMIT when the
 * counter would wrap, or metadata is longer than IC_SFRAME_METADATA_MAX. */
ic_err ic_sframe_sender_protect(struct ic_sframe_sender *s, struct ic_view metadata,
                                struct ic_view plain, uint8_t *out, size_t *out_len);

struct ic_sframe_receiver;

ic_err ic_sframe_receiver_new(uint16_t suite, uint64_t kid, struct ic_view base_key,
                              struct ic_sframe_receiver **out);
void ic_sframe_receiver_free(struct ic_sframe_receiver *r);
/* Plaintext to out, which has frame.len bytes of room and does not overlap frame; *ctr gets the
 * counter. IC_ERR_UNKNOWN_KEY where the KID is another one; IC_ERR_REPLAY where the counter was seen or
 * lies IC_SFRAME_WINDOW or more behind the highest; IC_ERR_AUTH; IC_ERR_TRUNCATED; IC_ERR_MALFORMED;
 * IC_ERR_LIMIT for metadata. After an error out holds nothing of the frame. */
ic_err ic_sframe_receiver_unprotect(struct ic_sframe_receiver *r, struct ic_view metadata,
                                    struct ic_view frame, uint8_t *out, size_t *out_len,
                                    uint64_t *ctr);

/* One frame with the key of its own KID under base_key, no replay check: for analysing captures. The
 * same errors. */
ic_err ic_sframe_open_once(uint16_t suite, struct ic_view base_key, struct ic_view metadata,
                           struct ic_view frame, uint8_t *out, size_t *out_len);

/* Sender keys, RFC 9605 section 5.1: the next base key of the ratchet, Nh bytes. next may be the
 * secret that base_key looks at. IC_ERR_UNSUPPORTED. */
ic_err ic_sframe_ratchet(uint16_t suite, struct ic_view base_key, struct ic_secret *next);
/* KID = generation << ratchet_bits | step mod 2^ratchet_bits. IC_ERR_RANGE where it does not fit. */
ic_err ic_sframe_ratchet_kid(uint64_t generation, uint64_t step, unsigned ratchet_bits,
                             uint64_t *kid);

#endif
