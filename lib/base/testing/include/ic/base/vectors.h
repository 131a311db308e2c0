/* Published vectors: they are not ours to commit, so a test finds them outside, or skips.
 *
 *     json_t *v = ic_test_vectors_load("sframe/test-vectors.json");
 *     if (!v)
 *         SKIP("no vectors");
 *     ...
 *     json_decref(v);
 */
#ifndef IC_BASE_VECTORS_H
#define IC_BASE_VECTORS_H

#include <ic/base/buf.h>
#include <jansson.h>

/* $IC_VECTORS, else ../shared/vectors beside the source tree; NULL where neither is a folder. */
const char *ic_test_vectors_dir(void);
/* The file as JSON, the caller's to json_decref; NULL where it is absent. A file that is there and is
 * not JSON aborts. Integers above INT64_MAX come as strings: ic_test_json_u64. */
json_t *ic_test_vectors_load(const char *rel);
/* Replaces *out's content with the bytes of the hex string at the key. IC_ERR_NOT_FOUND where there is
 * no such string. */
ic_err ic_test_json_bytes(const json_t *object, const char *key, struct ic_buf *out);
/* The integer at the key, up to 2^64 - 1. IC_ERR_NOT_FOUND where there is none. */
ic_err ic_test_json_u64(const json_t *object, const char *key, uint64_t *out);
/* The integer at the key, or -1. */
long long ic_test_json_int(const json_t *object, const char *key);

#endif
