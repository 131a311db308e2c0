/* Whom TLS trusts: the system's roots, or the one key that the link pins. */
#ifndef ICC_NET_TRUST_H
#define ICC_NET_TRUST_H

#include <ic/meeting/link.h>

enum { ICC_TRUST_WHY = 200 };

/* For OpenSSL's verify callback: store_ctx is its X509_STORE_CTX, ok its verdict so far. Where the link pins a key,
 * no other root may be loaded. true: refuse; why (ICC_TRUST_WHY bytes) may then say it. */
bool icc_trust_refuses(const struct ic_meeting_url *url, void *store_ctx, bool ok, char *why);

#endif
