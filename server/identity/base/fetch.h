/* One HTTP request to somebody else, waited for: for jobs on libuv's pool, never for the loop.
 *
 *     struct icd_fetch f = {.url = "https://example.org/x", .max = 4096, .timeout_ms = 5000, .public_only = true};
 *     struct icd_fetched got;
 *     char why[ICD_FETCH_WHY];
 *     IC_TRY(icd_fetch(&f, &got, why));
 *     if (got.status == 200) use(ic_buf_view(&got.body));
 *     icd_fetched_clear(&got);
 *
 * No cookies, no proxy of the environment, no credentials in URLs, http and https alone. Any thread.
 */
#ifndef ICD_IDENTITY_FETCH_H
#define ICD_IDENTITY_FETCH_H

#include <ic/base/buf.h>
#include <ic/base/err.h>
#include <stdbool.h>
#include <sys/socket.h>

enum { ICD_FETCH_WHY = 256, ICD_FETCH_URL_MAX = 2048, ICD_FETCH_REDIRECTS_MAX = 10 };

struct icd_fetch {
    const char *method; /* NULL: GET */
    const char *url;
    const char *const *headers; /* "Accept: application/json" */
    size_t header_count;
    struct ic_view body; /* of a POST */
    size_t max;          /* bytes of the answer's body; more is IC_ERR_LIMIT */
    uint32_t timeout_ms; /* for all of it, redirects too */
    unsigned
        max_redirects; /* 0: a redirect is an answer; never more than ICD_FETCH_REDIRECTS_MAX */
    uint16_t redirect_ports[4]; /* redirects lead to these alone; the first 0: to any */
    bool
        public_only; /* no loopback, private, link-local, shared or multicast address is spoken to */
    bool any_certificate; /* https without proof: where only possession of a name is asked */
    const char *ca_file;  /* PEM of who is trusted for https; NULL or "": the system's roots */
    const char *resolver; /* as in dns.h; NULL or "": the system's */
    const char
        *connect_to; /* tests: "127.0.0.1:8080" whatever the URL says; NULL or "": as it says */
};
struct icd_fetched {
    int status;
    char type[100]; /* content-type, "" where there is none */
    char nonce[256], location[512],
        retry_after[32]; /* what ACME goes by; "" too where it is too long */
    struct ic_buf body;
};
void icd_fetched_clear(struct icd_fetched *f);

/* why: ICD_FETCH_WHY bytes for people. IC_ERR_IO: no connection, or it broke; IC_ERR_TIMEOUT; IC_ERR_LIMIT;
 * IC_ERR_AUTH: the certificate; IC_ERR_DENIED: an address or port that is kept from us;
 * IC_ERR_MALFORMED: the URL. */
ic_err icd_fetch(const struct icd_fetch *f, struct icd_fetched *out, char *why);

/* Whether an address is everybody's: what public_only asks. */
bool icd_fetch_is_public(const struct sockaddr *address);

#endif
