/* Building and reading extension lists: of leaves, key packages, GroupInfo and GroupContext (RFC 9420
 * section 13.4), encoded as the structs of types.h have them, without their length.
 *
 *     IC_BUF_SCOPE(list, 65536);
 *     const struct ic_mlspub_required_capabilities need = {.proposals = IC_VIEW_ARRAY(my_types)};
 *     IC_TRY(ic_mlspub_extensions_put_required_capabilities(&list, &need));
 *     IC_TRY(ic_mlspub_extensions_put(&list, 0xf001, my_data));
 *     IC_TRY(ic_mls_group_create(&config, &identity, group_id, ic_buf_view(&list), &g));
 *     ...
 *     ic_mlspub_extensions_find(ic_mls_context(g)->extensions, 0xf001, &data);   // codec.h
 *
 * list is a buffer that holds nothing else. What is put takes the place of what had its type. A list
 * that is taken over from elsewhere is checked first: IC_ERR_MALFORMED, IC_ERR_TRUNCATED, IC_ERR_RULE.
 * IC_ERR_NOMEM and IC_ERR_LIMIT (list's cap) leave the list as it was.
 */
#ifndef IC_MLSPUB_EXTENSIONS_H
#define IC_MLSPUB_EXTENSIONS_H

#include <ic/base/api.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/types.h>

IC_API_BEGIN

/* data: extension_data; may view the list itself. */
ic_err ic_mlspub_extensions_put(struct ic_buf *list, uint16_t type, struct ic_view data);
/* No error where there is none of this type. */
ic_err ic_mlspub_extensions_drop(struct ic_buf *list, uint16_t type);

/* Section 11.1; the lists are big-endian u16s: see ic_mlspub_types_append. For a GroupContext. */
ic_err ic_mlspub_extensions_put_required_capabilities(
    struct ic_buf *list, const struct ic_mlspub_required_capabilities *need);
/* Section 12.1.8.1: who may propose from outside, by index. For a GroupContext. */
ic_err ic_mlspub_extensions_put_external_senders(struct ic_buf *list,
                                                 const struct ic_mlspub_external_sender *senders,
                                                 size_t count);
/* Section 5.3.3: an opaque name of the client, for a leaf. */
ic_err ic_mlspub_extensions_put_application_id(struct ic_buf *list, struct ic_view id);
/* *id: as it was put. IC_ERR_NOT_FOUND, IC_ERR_MALFORMED. */
ic_err ic_mlspub_extensions_application_id(struct ic_view list, struct ic_view *id);

/* Appends a type to a list of big-endian u16s, as capabilities have them. */
ic_err ic_mlspub_types_append(struct ic_buf *types, uint16_t type);

/* ---- drafts ---- */

/* Marks a key package as one of last resort, which may serve more than once (RFC 9420 section 16.8;
 * draft-ietf-mls-extensions: the component last_resort_key_package of app_data_dictionary). */
ic_err ic_mlspub_extensions_put_last_resort(struct ic_buf *list);
/* A key package's list has that mark, or the extension last_resort of earlier drafts. */
bool ic_mlspub_extensions_last_resort(struct ic_view list);

IC_API_END

#endif
