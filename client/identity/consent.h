/* A server's trust list is shown and agreed to before anything is believed for its sake. */
#ifndef ICC_IDENTITY_CONSENT_H
#define ICC_IDENTITY_CONSENT_H

#include <ic/base/buf.h>
#include <ic/base/err.h>

/* json: as the server gave it. Compared with the profile's trust.json: nothing is asked where nothing changed;
 * else what is new and what is gone is shown, and the person asked, unless they agreed beforehand. Nothing is
 * written. IC_ERR_DENIED: no consent; those of icc_trust_parse. why gets a sentence. */
ic_err icc_consent_trust(struct ic_view json, bool agreed, char *why, size_t why_len);

/* Without a session the server tells its own authorities and logs alone: those of others that the organisation
 * accepts stay as the profile's trust.json has them. Appends the list so completed. */
ic_err icc_consent_complete(struct ic_view json, struct ic_buf *out);

#endif
