/* What OpenSSL's own path builder says of a chain. */
#ifndef IC_PKI_TEST_PEER_H
#define IC_PKI_TEST_PEER_H

#include "cases.h"

/* *error: for peer_error. */
bool peer_accepts(const struct pki_case *k, int *error);
const char *peer_error(int error);

#endif
