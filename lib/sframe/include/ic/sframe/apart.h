/* The AEAD done by somebody else: counters, headers, windows and the rules of epochs stay with the store, and the
 * cipher runs where it is faster (a browser's WebCrypto, for large frames). GCM suites alone.
 *
 *     struct ic_sframe_sealing s;
 *     IC_TRY(ic_sframe_store_seal_begin(store, context, &s));         // a counter is used up
 *     frame = s.header || AES-GCM(key, s.nonce, aad = s.header, plain)
 *
 *     struct ic_sframe_opening o;
 *     IC_TRY(ic_sframe_store_open_begin(store, frame, now_ms, &o));   // nothing is marked yet
 *     plain = AES-GCM open of frame + o.header_len; aad = the header
 *     IC_TRY(ic_sframe_store_open_end(store, &o, now_ms));            // only now: it has authenticated
 *
 * The key belongs to kid and epoch, and to this store: another store's of the same numbers may be another key.
 */
#ifndef IC_SFRAME_APART_H
#define IC_SFRAME_APART_H

#include <ic/sframe/store.h>

struct ic_sframe_sealing {
    uint64_t epoch;
    uint64_t kid;
    uint8_t header_len;
    uint8_t header[IC_SFRAME_HEADER_MAX];
    uint8_t nonce[IC_SFRAME_NONCE_LEN];
};

/* Takes the next counter; a sealing is for one frame, or for none. Errors as ic_sframe_store_protect's, and
 * IC_ERR_UNSUPPORTED for a suite that is no AEAD. */
ic_err ic_sframe_store_seal_begin(struct ic_sframe_store *s, uint32_t context,
                                  struct ic_sframe_sealing *out);
/* The AEAD's key that the store's own frames of that context are sealed with now. */
ic_err ic_sframe_store_seal_key(const struct ic_sframe_store *s, uint32_t context,
                                struct ic_secret *out);

struct ic_sframe_opening {
    struct ic_sframe_from from; /* what the frame claims, until open_end */
    uint8_t header_len;
    uint8_t nonce[IC_SFRAME_NONCE_LEN];
};

/* All that ic_sframe_store_unprotect checks before the AEAD; the same errors but IC_ERR_AUTH. */
ic_err ic_sframe_store_open_begin(struct ic_sframe_store *s, struct ic_view frame, uint64_t now_ms,
                                  struct ic_sframe_opening *out);
/* The AEAD's key of a frame that open_begin has let through. IC_ERR_EXPIRED where its epoch has gone since. */
ic_err ic_sframe_store_open_key(const struct ic_sframe_store *s, const struct ic_sframe_opening *o,
                                struct ic_secret *out);
/* The frame has authenticated: its counter is marked. IC_ERR_REPLAY where another was quicker, IC_ERR_EXPIRED
 * where its key was retired or its leaf refused meanwhile: then the plaintext must not be used. */
ic_err ic_sframe_store_open_end(struct ic_sframe_store *s, const struct ic_sframe_opening *o,
                                uint64_t now_ms);

#endif
