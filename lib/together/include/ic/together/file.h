/* A file that somebody gives to the meeting: what is said of it, and its chunks.
 *
 * The file is cut into chunks of `chunk` bytes, each sealed by AES-256-GCM under the file's own random key.
 * The sealed chunks lie at the server; key, sizes, name and the SHA-256 of all ciphertext travel in an
 * end-to-end encrypted message (IC_TOGETHER_FILE). Nonce and AAD bind id, sizes, index and whether a
 * chunk is the last one. GCM does not commit to a key: the digest in the message pins the ciphertext.
 *
 *     struct ic_together_file f;                          // the sender
 *     IC_TRY(ic_together_file_new(&rand, name, type, size, &f));
 *     struct ic_together_sealer *s;
 *     IC_TRY(ic_together_sealer_new(&f, &s));
 *     for (uint64_t i = 0; i < ic_together_file_chunks(&f); i++)
 *         IC_TRY(ic_together_seal(s, plain, out));        // in order, each once; keep out until it is stored
 *     IC_TRY(ic_together_sealer_end(s, f.digest));
 *     IC_TRY(ic_together_file_encode(&f, &body));         // to everybody
 *
 *     struct ic_together_opener *o;                       // a receiver
 *     IC_TRY(ic_together_file_decode(body, &f));
 *     IC_TRY(ic_together_opener_new(&f, &o));
 *     while (!ic_together_opener_whole(o))
 *         IC_TRY(ic_together_open(o, sealed, out));       // in order; a chunk that failed may come again
 *     IC_TRY(ic_together_opener_end(o));                  // before anybody uses what was written
 *
 * A sealer never seals an index twice: whoever sends again sends the same bytes. A sender that has to begin
 * anew takes a new file, with a new key. Owned by the caller; one thread at a time. docs/protocol/files.md
 */
#ifndef IC_TOGETHER_FILE_H
#define IC_TOGETHER_FILE_H

#include <ic/base/api.h>
#include <ic/base/buf.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/base/rand.h>

IC_API_BEGIN

enum {
    IC_TOGETHER_FILE_ID = 16,
    IC_TOGETHER_FILE_ID_TEXT = 22, /* base64url */
    IC_TOGETHER_FILE_KEY = 32,
    IC_TOGETHER_FILE_DIGEST = 32,
    IC_TOGETHER_FILE_TAG = 16,
    IC_TOGETHER_FILE_CHUNK = (256 << 10) - IC_TOGETHER_FILE_TAG, /* what we send: 256 KiB sealed */
    IC_TOGETHER_FILE_CHUNK_MIN = 1024,
    IC_TOGETHER_FILE_CHUNK_MAX = 1 << 20,
    IC_TOGETHER_FILE_NAME_MAX = 200, /* bytes */
    IC_TOGETHER_FILE_TYPE_MAX = 100,
    IC_TOGETHER_FILE_AAD = 52,
    IC_TOGETHER_FILE_NONCE = 12,
};
#define IC_TOGETHER_FILE_SIZE_MAX (UINT64_C(2) << 30)

struct ic_together_file {
    uint8_t id[IC_TOGETHER_FILE_ID];
    uint8_t key[IC_TOGETHER_FILE_KEY]; /* secret: wipe with ic_together_file_clear */
    uint8_t digest[IC_TOGETHER_FILE_DIGEST];
    uint64_t size;                            /* of the file, at most IC_TOGETHER_FILE_SIZE_MAX */
    uint32_t chunk;                           /* bytes of the file in each chunk but the last */
    char name[IC_TOGETHER_FILE_NAME_MAX + 1]; /* safe, see ic_together_file_name */
    char type[IC_TOGETHER_FILE_TYPE_MAX +
              1]; /* media type; "application/octet-stream" where unknown */
};

/* A new file with a random id and key; the digest is zero until it is sealed. name and type are made safe.
 * IC_ERR_LIMIT: larger than IC_TOGETHER_FILE_SIZE_MAX; the source's errors. */
ic_err ic_together_file_new(const struct ic_rand *rand, struct ic_view name, struct ic_view type,
                            uint64_t size, struct ic_together_file *out);
/* Wipes. */
void ic_together_file_clear(struct ic_together_file *f);
/* The body of the message that announces it; appended. It holds the key: clear with ic_buf_clear_secret.
 * IC_ERR_LIMIT, IC_ERR_NOMEM. */
ic_err ic_together_file_encode(const struct ic_together_file *f, struct ic_buf *out);
/* Hostile input. name and type are made safe. IC_ERR_TRUNCATED, IC_ERR_TRAILING, IC_ERR_LIMIT,
 * IC_ERR_RANGE (sizes), IC_ERR_MALFORMED. */
ic_err ic_together_file_decode(struct ic_view body, struct ic_together_file *out);
/* The body of "withdrawn": the id. */
ic_err ic_together_file_gone_encode(const uint8_t id[IC_TOGETHER_FILE_ID], struct ic_buf *out);
ic_err ic_together_file_gone_decode(struct ic_view body, uint8_t id[IC_TOGETHER_FILE_ID]);
/* The id as text, in paths and events. */
void ic_together_file_id_text(const uint8_t id[IC_TOGETHER_FILE_ID],
                              char out[IC_TOGETHER_FILE_ID_TEXT + 1]);
/* IC_ERR_MALFORMED. */
ic_err ic_together_file_id_parse(struct ic_view text, uint8_t id[IC_TOGETHER_FILE_ID]);

/* A name that is one folder entry on every system, and shows what it is: no path, no control, no
 * direction or zero-width characters, no reserved name, at most IC_TOGETHER_FILE_NAME_MAX bytes with its
 * ending kept; never empty. out: IC_TOGETHER_FILE_NAME_MAX + 1 bytes. */
void ic_together_file_name(struct ic_view name, char *out);
/* A media type as "image/png", or "application/octet-stream". out: IC_TOGETHER_FILE_TYPE_MAX + 1 bytes. */
void ic_together_file_type(struct ic_view type, char *out);

/* How many chunks (an empty file has one), the bytes of all of them sealed, and of the i-th in the clear. */
uint64_t ic_together_file_chunks(const struct ic_together_file *f);
uint64_t ic_together_file_sealed_size(const struct ic_together_file *f);
size_t ic_together_file_chunk_len(const struct ic_together_file *f, uint64_t i);
/* Where the i-th sealed chunk begins. */
uint64_t ic_together_file_chunk_at(const struct ic_together_file *f, uint64_t i);
/* For an AEAD outside this library (WebCrypto): nonce and AAD of the i-th chunk. */
void ic_together_file_nonce(const struct ic_together_file *f, uint64_t i,
                            uint8_t out[IC_TOGETHER_FILE_NONCE]);
void ic_together_file_aad(const struct ic_together_file *f, uint64_t i,
                          uint8_t out[IC_TOGETHER_FILE_AAD]);

struct ic_together_sealer;
/* Copies f. IC_ERR_NOMEM, IC_ERR_RANGE (f's sizes), IC_ERR_CRYPTO. */
ic_err ic_together_sealer_new(const struct ic_together_file *f, struct ic_together_sealer **out);
/* Wipes. Accepts NULL. */
void ic_together_sealer_free(struct ic_together_sealer *s);
/* The index that ic_together_seal seals next. */
uint64_t ic_together_sealer_next(const struct ic_together_sealer *s);
/* The next chunk. plain.len must be what ic_together_file_chunk_len says, else IC_ERR_RANGE (the file is
 * not what it was); out: plain.len + IC_TOGETHER_FILE_TAG bytes. IC_ERR_STATE after the last one. */
ic_err ic_together_seal(struct ic_together_sealer *s, struct ic_view plain, uint8_t *out);
/* The same for a chunk that was sealed outside, with the nonce and AAD above: only taken into the digest. */
ic_err ic_together_sealer_took(struct ic_together_sealer *s, struct ic_view sealed);
/* The digest of all chunks. IC_ERR_STATE before the last one. */
ic_err ic_together_sealer_end(struct ic_together_sealer *s,
                              uint8_t digest[IC_TOGETHER_FILE_DIGEST]);

/* Why a file is not what was announced. */
enum ic_together_fault {
    IC_TOGETHER_FINE = 0,
    IC_TOGETHER_BAD_CHUNK, /* this chunk was altered, or is another one */
    IC_TOGETHER_SHORT,     /* this chunk is shorter than it must be: the file was cut */
    IC_TOGETHER_LONG,      /* more came than the file has */
    IC_TOGETHER_DIGEST,    /* every chunk opens, and together they are not what was announced */
};
/* "bad-chunk", "truncated", "too-long", "wrong-digest"; "" for IC_TOGETHER_FINE. */
const char *ic_together_fault_name(enum ic_together_fault fault);

struct ic_together_opener;
/* Copies f. IC_ERR_NOMEM, IC_ERR_RANGE, IC_ERR_CRYPTO. */
ic_err ic_together_opener_new(const struct ic_together_file *f, struct ic_together_opener **out);
/* Wipes. Accepts NULL. */
void ic_together_opener_free(struct ic_together_opener *o);
uint64_t ic_together_opener_next(const struct ic_together_opener *o);
/* True when the last chunk was opened. */
bool ic_together_opener_whole(const struct ic_together_opener *o);
/* The next chunk; out: sealed.len - IC_TOGETHER_FILE_TAG bytes. On an error the opener is as it was, the
 * chunk may be fetched again, and ic_together_opener_fault names it. IC_ERR_AUTH, IC_ERR_TRUNCATED,
 * IC_ERR_TRAILING. */
ic_err ic_together_open(struct ic_together_opener *o, struct ic_view sealed, uint8_t *out);
/* The same for a chunk that was opened outside; ok: whether it opened. */
ic_err ic_together_opener_took(struct ic_together_opener *o, struct ic_view sealed, bool ok);
/* Whether the whole is what was announced. IC_ERR_TRUNCATED before the last chunk, IC_ERR_AUTH where the
 * digest differs. */
ic_err ic_together_opener_end(struct ic_together_opener *o);
/* The last error, and the chunk that it is about. */
enum ic_together_fault ic_together_opener_fault(const struct ic_together_opener *o,
                                                uint64_t *chunk);

IC_API_END

#endif
