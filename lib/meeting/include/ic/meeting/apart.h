/* Large frames whose AEAD runs elsewhere (a browser's WebCrypto): ic/sframe/apart.h, under a meeting's keys.
 *
 *     IC_TRY(ic_meeting_seal_begin(keys, context, &s));                  // then AES-GCM, then send
 *     IC_TRY(ic_meeting_open_begin(keys, sealed, now_ms, &o, &from));    // then AES-GCM
 *     IC_TRY(ic_meeting_open_end(keys, &o, now_ms, &from));              // only then the picture may be shown
 *
 * A key may be kept by {generation, epoch, KID} as long as the meeting runs. The lock of ic/meeting/media.h.
 */
#ifndef IC_MEETING_APART_H
#define IC_MEETING_APART_H

#include <ic/meeting/media.h>
#include <ic/sframe/apart.h>

struct ic_meeting_opening {
    uint32_t generation;
    uint8_t clear_len; /* of the clear prefix before the SFrame header */
    struct ic_sframe_opening frame;
};

/* Grows whenever the same numbers may name other keys: another group, or an epoch that was void. */
uint32_t ic_meeting_media_generation(const struct ic_meeting_media *k);
/* IC_ERR_STATE while the gate is shut. */
ic_err ic_meeting_seal_begin(struct ic_meeting_media *k, uint8_t context,
                             struct ic_sframe_sealing *out);
ic_err ic_meeting_seal_key(const struct ic_meeting_media *k, uint8_t context,
                           struct ic_secret *out);
/* The errors of ic_meeting_unprotect, and what it says of `from` after one. */
ic_err ic_meeting_open_begin(struct ic_meeting_media *k, struct ic_view sealed, uint64_t now_ms,
                             struct ic_meeting_opening *out, struct ic_meeting_media_from *from);
ic_err ic_meeting_open_key(const struct ic_meeting_media *k, const struct ic_meeting_opening *o,
                           struct ic_secret *out);
/* IC_ERR_REPLAY, IC_ERR_EXPIRED: the plaintext must not be used. */
ic_err ic_meeting_open_end(struct ic_meeting_media *k, const struct ic_meeting_opening *o,
                           uint64_t now_ms, struct ic_meeting_media_from *from);

#endif
