/* Lists of revoked certificates (RFC 5280 section 5) for the authorities that this device trusts: from files and answers,
 * in PEM ("X509 CRL", any number) or DER.
 *
 *     bool changed;
 *     IC_TRY(icc_lists_read("revoked.crl", &certificates, now_s, &changed, why, sizeof why));
 *     if (changed)
 *         ic_meeting_identity_changed(m, now_ms);
 */
#ifndef ICC_KEYS_LISTS_H
#define ICC_KEYS_LISTS_H

#include "keys/certificates.h"

/* Each list goes into the stores that trust its issuer. *changed: one of them was news. An older list than one that is
 * known is passed over. IC_ERR_NOT_FOUND: a list is of no authority that is trusted; IC_ERR_MALFORMED: there is no
 * list, or a damaged one; those of ic_pki_store_add_crl. why gets a sentence that begins with `name`. What came before a
 * fault has been taken. */
ic_err icc_lists_take(struct ic_view bytes, const char *name, const struct icc_certificates *c,
                      uint64_t now_s, bool *changed, char *why, size_t why_len);
/* The same of a file; IC_ERR_IO. */
ic_err icc_lists_read(const char *path, const struct icc_certificates *c, uint64_t now_s,
                      bool *changed, char *why, size_t why_len);

/* What the stores know is kept in the profile (`revoked.pem`), so that over a restart an older list is told from the
 * newest too. IC_ERR_IO, IC_ERR_LIMIT (lists of more than 16 MiB together), IC_ERR_NOMEM. */
ic_err icc_lists_keep(const struct icc_certificates *c);
/* Takes what was kept, before anything else is; lists of authorities that are trusted no more are passed over. IC_OK
 * where nothing was kept; IC_ERR_IO, IC_ERR_MALFORMED, with a sentence in why. */
ic_err icc_lists_recall(const struct icc_certificates *c, uint64_t now_s, char *why,
                        size_t why_len);

#endif
