/* Writes JSON (RFC 8259) into a buffer, without white space, with a sticky error checked once at the end.
 *
 *     IC_BUF_SCOPE(b, 65536);
 *     struct ic_json j = ic_json(&b);
 *     ic_json_object(&j, NULL);
 *     ic_json_cstr(&j, "event", "joined");
 *     ic_json_array(&j, "people");              // within an array, keys are NULL
 *     ic_json_uint(&j, NULL, 7);
 *     ic_json_array_end(&j);
 *     ic_json_object_end(&j);
 *     IC_TRY(ic_json_end(&j));                  // {"event":"joined","people":[7]}
 *
 * Keys are literals of the program and are written as they are. The writer borrows the buffer and appends; on
 * error the buffer is cut back to where it began. One object belongs to one thread at a time.
 */
#ifndef IC_BASE_JSON_H
#define IC_BASE_JSON_H

#include <ic/base/writer.h>

struct ic_json {
    struct ic_writer w;
    bool comma; /* a value stands before, on this level */
};

/* A writer that appends to out, which it borrows. */
struct ic_json ic_json(struct ic_buf *out);
/* Opens an object or array; what is opened is closed by its own end. */
void ic_json_object(struct ic_json *j, const char *key);
void ic_json_object_end(struct ic_json *j);
void ic_json_array(struct ic_json *j, const char *key);
void ic_json_array_end(struct ic_json *j);
/* UTF-8 text; what is none becomes the empty text, for a reader would refuse all of it. */
void ic_json_text(struct ic_json *j, const char *key, struct ic_view text);
/* NUL-terminated; NULL is the empty text. */
void ic_json_cstr(struct ic_json *j, const char *key, const char *text);
/* Bytes as lower-case hexadecimal text, or as base64url. */
void ic_json_hex(struct ic_json *j, const char *key, struct ic_view bytes);
void ic_json_base64(struct ic_json *j, const char *key, struct ic_view bytes);
/* Numbers as they are; JavaScript reads them exactly below 2^53. */
void ic_json_uint(struct ic_json *j, const char *key, uint64_t v);
void ic_json_int(struct ic_json *j, const char *key, int64_t v);
void ic_json_bool(struct ic_json *j, const char *key, bool v);
/* The sticky error: IC_ERR_LIMIT, IC_ERR_NOMEM. */
ic_err ic_json_end(struct ic_json *j);

#endif
