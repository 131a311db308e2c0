/* Hash and HMAC, in place, with copyable midstates.
 *
 *     uint8_t digest[IC_HASH_MAX];
 *     struct ic_hash h;
 *     ic_hash_init(&h, IC_SHA256);
 *     ic_hash_update(&h, v);
 *     ic_hash_final(&h, digest);             // ic_hash_len(id) bytes
 *
 *     struct ic_hmac_key k;                  // two midstates: a call costs two compressions less
 *     ic_hmac_key_init(&k, IC_SHA256, key);
 *     ic_hmac(&k, v, mac);
 *     ic_hmac_key_clear(&k);
 *
 * These cannot fail. Copying a struct ic_hash by assignment forks it.
 */
#ifndef IC_CRYPTO_HASH_H
#define IC_CRYPTO_HASH_H

#include <ic/base/api.h>
#include <ic/base/bytes.h>
#include <ic/base/secret.h>
#include <ic/crypto/suite.h>

IC_API_BEGIN

struct ic_hash {
    enum ic_hash_id id;
    IC_ALIGNAS(16) uint8_t state[240]; /* the provider's context */
};

/* Begins a hash. The provider must have it: those of enum ic_hash_id are always there. */
void ic_hash_init(struct ic_hash *h, enum ic_hash_id id);
/* Takes the bytes in; call it as often as there are parts. */
void ic_hash_update(struct ic_hash *h, struct ic_view v);
/* Writes ic_hash_len(id) bytes and wipes h. */
void ic_hash_final(struct ic_hash *h, uint8_t *out);
/* Wipes h, which was begun and is not wanted any more. */
void ic_hash_clear(struct ic_hash *h);
/* One call. */
void ic_hash_once(enum ic_hash_id id, struct ic_view v, uint8_t *out);

struct ic_hmac_key {
    struct ic_hash inner;
    struct ic_hash outer;
};

/* RFC 2104; a key of any length. */
void ic_hmac_key_init(struct ic_hmac_key *k, enum ic_hash_id id, struct ic_view key);
/* Wipes. */
void ic_hmac_key_clear(struct ic_hmac_key *k);
/* The MAC of v, ic_hash_len bytes; k may serve again. */
void ic_hmac(const struct ic_hmac_key *k, struct ic_view v, uint8_t *out);
/* The parts are taken as one message. */
void ic_hmac_parts(const struct ic_hmac_key *k, const struct ic_view *parts, size_t n,
                   uint8_t *out);
/* With a key that is used once. */
void ic_hmac_once(enum ic_hash_id id, struct ic_view key, struct ic_view v, uint8_t *out);

IC_API_END

#endif
