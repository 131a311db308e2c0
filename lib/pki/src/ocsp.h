#ifndef IC_PKI_SRC_OCSP_H
#define IC_PKI_SRC_OCSP_H

#include <ic/base/bytes.h>

extern const struct ic_view ic_pki_oid_ocsp_nonce, ic_pki_oid_ocsp_basic;

#endif
