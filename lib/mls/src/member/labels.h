/* ExpandWithLabel over a prepared HMAC key: two compressions less for every expansion of one secret. */
#ifndef IC_MLS_LABELS_H
#define IC_MLS_LABELS_H

#include <ic/crypto/hash.h>
#include <ic/mls/label.h>

/* A label as bytes, without "MLS 1.0 ": the exporter's labels are the application's. */
ic_err ic_mls_expand_key(const struct ic_hmac_key *prk, struct ic_view label,
                         struct ic_view context, uint8_t *out, size_t out_len);
/* A secret of one hash length. */
ic_err ic_mls_expand_secret(const struct ic_suite *s, const struct ic_hmac_key *prk,
                            struct ic_view label, struct ic_view context, struct ic_secret *out);

#define IC_HMAC_KEY_SCOPE(name) __attribute__((cleanup(ic_hmac_key_clear))) struct ic_hmac_key name

#endif
