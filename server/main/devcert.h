/* A development authority and a server certificate by it, for machines where nobody has a real one. */
#ifndef ICD_DEVCERT_H
#define ICD_DEVCERT_H

#include <ic/base/err.h>
#include <stddef.h>
#include <stdint.h>

enum { ICD_PIN_LEN = 32 };

/* Makes DIR/ca.pem, DIR/cert.pem (certificate and authority), DIR/key.pem (0600) unless a certificate is
 * there that is good for at least a week more. hosts: names and addresses; localhost, 127.0.0.1 and ::1
 * are always among them. The authority's key is thrown away. why: text of why_room bytes for people. */
ic_err icd_devcert_make(const char *dir, const char *const *hosts, size_t host_count, char *why,
                        size_t why_room);
/* SHA-256 of the SubjectPublicKeyInfo of the first certificate in the file: the pin of links. */
ic_err icd_cert_pin(const char *path, uint8_t pin[ICD_PIN_LEN]);

#endif
