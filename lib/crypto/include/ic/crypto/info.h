/* Who does which primitive, and what is proved of it: what `incamera crypto info` prints. */
#ifndef IC_CRYPTO_INFO_H
#define IC_CRYPTO_INFO_H

#include <ic/base/api.h>
#include <stddef.h>

IC_API_BEGIN

struct ic_crypto_primitive {
    const char *primitive; /* "X25519" */
    const char *provider;  /* "AWS-LC", "OpenSSL", "In Camera" */
    const char *version;
    const char *proved; /* one honest sentence; "nothing" where nothing is */
};

/* The i-th, in a fixed order; NULL past the end. */
const struct ic_crypto_primitive *ic_crypto_info(size_t i);
/* "AWS-LC 5.1.0 with OpenSSL 3.0.17 for curve 448", for one line of text. */
const char *ic_crypto_provider_line(void);

IC_API_END

#endif
