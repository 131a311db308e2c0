/* Where a joiner finds the ratchet tree when Welcome or GroupInfo do not carry it:
 * draft-ietf-mls-ratchet-tree-options-01, section 3. The objects go beside them, in the application's own
 * protocol; whatever the way, the tree is held against the GroupContext's tree hash on joining.
 *
 *     struct ic_mlspub_tree_option o;
 *     IC_TRY(ic_mlspub_tree_option_decode(bytes, &o));
 *     if (o.representation == IC_MLS_TREE_HTTPS && ic_mlspub_tree_domain_listed(domains, o.data))
 *         ... fetch it ...
 */
#ifndef IC_MLSPUB_TREE_OPTION_H
#define IC_MLSPUB_TREE_OPTION_H

#include <ic/base/api.h>
#include <ic/mlspub/types.h>

IC_API_BEGIN

/* How a Welcome or GroupInfo gives its tree. */
enum ic_mlspub_tree_representation {
    IC_MLS_TREE_FULL = 1,
    IC_MLS_TREE_HTTPS = 2,
    IC_MLS_TREE_OUT_OF_BAND = 3,
    IC_MLS_TREE_FROM_SERVICE = 4, /* which put it together from the group's PublicMessages */
};

struct ic_mlspub_tree_option {
    uint8_t representation;
    struct ic_view
        data; /* FULL: the ratchet_tree data, as joins take it; HTTPS: the URL; else empty */
};

/* Appends a RatchetTreeOption. IC_ERR_ARG: no such representation, data where there is to be none, or a URL
 * that is not https. */
ic_err ic_mlspub_tree_option_encode(const struct ic_mlspub_tree_option *o, struct ic_buf *out);
/* out borrows from bytes. IC_ERR_RANGE, IC_ERR_TRUNCATED, IC_ERR_TRAILING; IC_ERR_MALFORMED: a URL that is
 * not https. */
ic_err ic_mlspub_tree_option_decode(struct ic_view bytes, struct ic_mlspub_tree_option *out);

/* Appends the data of the GroupContext extension ratchet_tree_source_domains; IC_ERR_ARG without any. */
ic_err ic_mlspub_tree_domains_encode(const struct ic_view *domains, size_t count,
                                     struct ic_buf *out);
/* The URL's host is one of the extension's domains: the same name, whatever its case. False for a malformed
 * list too. */
bool ic_mlspub_tree_domain_listed(struct ic_view domains, struct ic_view url);

IC_API_END

#endif
