/* DER as text: RFC 7468, read and written.
 *
 *     struct ic_view rest = file;
 *     IC_BUF_SCOPE(der, IC_PKI_CERT_MAX);
 *     while ((e = ic_pki_pem_next(&rest, "CERTIFICATE", &der)) == IC_OK)
 *         take(ic_buf_view(&der));
 *     if (e != IC_ERR_NOT_FOUND) ...            // the text is damaged
 *
 * What stands outside of the armour is skipped (RFC 7468 section 2: explanatory text), and so are blocks
 * with other labels.
 */
#ifndef IC_PKI_PEM_H
#define IC_PKI_PEM_H

#include <ic/base/api.h>
#include <ic/base/buf.h>

IC_API_BEGIN

/* The next block with that label: der is reset and filled, *rest goes behind it. On failure *rest stays.
 * IC_ERR_NOT_FOUND: there is none any more; IC_ERR_MALFORMED: a block without end, or not base64;
 * IC_ERR_LIMIT: der's maximum; IC_ERR_NOMEM. */
ic_err ic_pki_pem_next(struct ic_view *rest, const char *label, struct ic_buf *der);
/* Appends a block, lines of 64 characters. IC_ERR_LIMIT, IC_ERR_NOMEM; then out is as it was. */
ic_err ic_pki_pem_encode(const char *label, struct ic_view der, struct ic_buf *out);

IC_API_END

#endif
