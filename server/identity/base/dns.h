/* Questions to the DNS that wait for their answer: for jobs on libuv's pool, never for the loop.
 *
 *     struct icd_dns_texts *t = ic_new(struct icd_dns_texts);
 *     char why[ICD_DNS_WHY];
 *     IC_TRY(icd_dns_texts("", "_incamera.example.org", t, why));
 *     for (size_t i = 0; i < t->count; i++)
 *         if (ic_view_equal(ic_view(t->text[i].bytes, t->text[i].len), wanted)) ...
 *
 * resolver: "" or NULL is the system's, otherwise "127.0.0.1:5353" or "[::1]:5353". name is absolute: search
 * domains are not tried. An answer takes at most ten seconds. Any thread; nothing is kept between calls.
 */
#ifndef ICD_IDENTITY_DNS_H
#define ICD_IDENTITY_DNS_H

#include <ic/base/err.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { ICD_DNS_WHY = 200, ICD_DNS_TEXTS_MAX = 32, ICD_DNS_TEXT_MAX = 512, ICD_DNS_HOSTS_MAX = 8 };

/* Whole values: character-strings of one record joined (RFC 1035 section 3.3.14). Longer ones, and more than
 * ICD_DNS_TEXTS_MAX, are left out. */
struct icd_dns_texts {
    size_t count;
    struct {
        size_t len;
        uint8_t bytes[ICD_DNS_TEXT_MAX];
    } text[ICD_DNS_TEXTS_MAX];
};
/* why: ICD_DNS_WHY bytes for people. IC_ERR_NOT_FOUND: the name has no TXT record; IC_ERR_TIMEOUT: nobody
 * answered; IC_ERR_MALFORMED: name or resolver; IC_ERR_IO. */
ic_err icd_dns_texts(const char *resolver, const char *name, struct icd_dns_texts *out, char *why);

struct icd_dns_hosts {
    size_t count;
    struct sockaddr_storage host[ICD_DNS_HOSTS_MAX]; /* without a port */
};
/* A and AAAA; no longer than wait_ms. Errors as above. */
ic_err icd_dns_hosts(const char *resolver, const char *name, int64_t wait_ms,
                     struct icd_dns_hosts *out, char *why);

#endif
