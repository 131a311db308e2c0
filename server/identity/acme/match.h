/* Whether a certification request asks for what was ordered: RFC 8555 section 7.4.
 *
 *     IC_TRY(icd_acme_names_match(&ordered, &csr, &problem));
 */
#ifndef ICD_ACME_MATCH_H
#define ICD_ACME_MATCH_H

#include "identity/acme/name.h"

#include <ic/pki/csr.h>

/* Whether a request names exactly what was ordered, neither more nor less: RFC 8555 section 7.4. A host name or
 * address in the subject's common name counts as one asked for; of a person, the common name may be anything,
 * and "im:" with the address may stand beside it. badCSR. */
ic_err icd_acme_names_match(const struct icd_acme_names *ordered, const struct ic_pki_csr *csr,
                            struct icd_acme_problem *p);

#endif
