/* Decoding and encoding of everything in types.h.
 *
 * For each struct ic_mlspub_X:
 *     ic_err ic_mlspub_X_decode(struct ic_view bytes, struct ic_arena *a, struct ic_mlspub_X *out);
 *     void   ic_mlspub_X_read(struct ic_reader *r, struct ic_arena *a, struct ic_mlspub_X *out);
 *     void   ic_mlspub_X_write(struct ic_writer *w, const struct ic_mlspub_X *x);
 *
 * decode takes exactly one object: trailing bytes are IC_ERR_TRAILING. Other errors:
 * IC_ERR_TRUNCATED, IC_ERR_MALFORMED, IC_ERR_UNSUPPORTED (version, wire format), IC_ERR_RANGE (an
 * enum's reserved value), IC_ERR_NOMEM (memory, or the arena's cap). out is untouched on failure.
 *
 * read leaves its error in the reader; out is then not to be used. Views borrow from the bytes
 * read, arrays from the arena; a struct without arrays accepts a NULL arena.
 *
 * write emits x->encoded where the struct has such a member and it is not empty, else the fields.
 *
 * Unknown credential types and proposal types are one vector (`opaque<V>`) on the wire.
 */
#ifndef IC_MLSPUB_CODEC_H
#define IC_MLSPUB_CODEC_H

#include <ic/base/api.h>
#include <ic/mlspub/types.h>

IC_API_BEGIN

#define IC_MLSPUB_CODEC_(thing)                                                                    \
    ic_err ic_mlspub_##thing##_decode(struct ic_view bytes, struct ic_arena *a,                    \
                                      struct ic_mlspub_##thing *out);                              \
    void ic_mlspub_##thing##_read(struct ic_reader *r, struct ic_arena *a,                         \
                                  struct ic_mlspub_##thing *out);                                  \
    void ic_mlspub_##thing##_write(struct ic_writer *w, const struct ic_mlspub_##thing *x)

IC_MLSPUB_CODEC_(credential);
IC_MLSPUB_CODEC_(capabilities);
IC_MLSPUB_CODEC_(leaf_node);
IC_MLSPUB_CODEC_(key_package);
IC_MLSPUB_CODEC_(group_context);
IC_MLSPUB_CODEC_(group_info);
IC_MLSPUB_CODEC_(psk_id);
IC_MLSPUB_CODEC_(proposal);
IC_MLSPUB_CODEC_(proposal_or_ref);
IC_MLSPUB_CODEC_(ciphertext);
IC_MLSPUB_CODEC_(path_node);
IC_MLSPUB_CODEC_(update_path);
IC_MLSPUB_CODEC_(commit);
IC_MLSPUB_CODEC_(sender);
IC_MLSPUB_CODEC_(content);
IC_MLSPUB_CODEC_(authenticated_content);
IC_MLSPUB_CODEC_(public_message);
IC_MLSPUB_CODEC_(private_message);
IC_MLSPUB_CODEC_(encrypted_secrets);
IC_MLSPUB_CODEC_(welcome);
IC_MLSPUB_CODEC_(message);
#undef IC_MLSPUB_CODEC_

/* The signed part of a struct, from its fields: LeafNode without signature (the caller appends
 * group_id and leaf_index where section 7.2 wants them), KeyPackageTBS, GroupInfoTBS. */
void ic_mlspub_leaf_node_write_tbs(struct ic_writer *w, const struct ic_mlspub_leaf_node *x);
void ic_mlspub_key_package_write_tbs(struct ic_writer *w, const struct ic_mlspub_key_package *x);
void ic_mlspub_group_info_write_tbs(struct ic_writer *w, const struct ic_mlspub_group_info *x);

/* What follows content_type in FramedContent and PrivateMessageContent (sections 6 and 6.3.1): type
 * is set in out first, the union is read or written. */
void ic_mlspub_content_body_read(struct ic_reader *r, struct ic_arena *a,
                                 struct ic_mlspub_content *out);
void ic_mlspub_content_body_write(struct ic_writer *w, const struct ic_mlspub_content *x);

/* ---- lists ---- */

/* One of the values that section 13.5 reserves so that lists have something to be ignored. */
bool ic_mlspub_is_grease(uint16_t value);
/* An encoded list of big-endian u16 (capabilities) has this value. */
bool ic_mlspub_list_has(struct ic_view list, uint16_t value);

/* Extension lists, encoded, without their length. All decoded lists have been checked: well-formed,
 * no type twice (section 13.4). IC_ERR_MALFORMED or IC_ERR_TRUNCATED; IC_ERR_RULE for a type twice.
 */
ic_err ic_mlspub_extensions_check(struct ic_view list);
/* *data (may be NULL) gets the extension's data. False where there is none. */
bool ic_mlspub_extensions_find(struct ic_view list, uint16_t type, struct ic_view *data);
/* Walks a list: `struct ic_reader r = ic_reader(list); while (ic_mlspub_extensions_next(&r, ...))`.
 */
bool ic_mlspub_extensions_next(struct ic_reader *r, uint16_t *type, struct ic_view *data);
/* Appends one extension to a list: type, and data with its length. */
void ic_mlspub_extension_write(struct ic_writer *w, uint16_t type, struct ic_view data);

struct ic_mlspub_required_capabilities { /* section 11.1; lists of big-endian u16 */
    struct ic_view extensions;
    struct ic_view proposals;
    struct ic_view credentials;
};

/* data: the required_capabilities extension's. The lists borrow from it. IC_ERR_MALFORMED and
 * its kind. */
ic_err ic_mlspub_required_capabilities_decode(struct ic_view data,
                                              struct ic_mlspub_required_capabilities *out);

struct ic_mlspub_external_sender { /* section 12.1.8.1 */
    struct ic_view signature_key;
    struct ic_mlspub_credential credential;
};

/* data: the external_senders extension's. */
ic_err ic_mlspub_external_senders_check(struct ic_view data);
/* IC_ERR_NOT_FOUND past the end. */
ic_err ic_mlspub_external_sender_at(struct ic_view data, uint32_t index,
                                    struct ic_mlspub_external_sender *out);

IC_API_END

#endif
