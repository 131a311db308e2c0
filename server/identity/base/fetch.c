#include "identity/base/fetch.h"

#include "identity/base/dns.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CONNECT_MS = 5000 };

struct transfer {
    const struct icd_fetch *f;
    struct ic_buf body;
    bool too_long, refused;
};

/* ---- addresses ---- */

static bool v4_is_public(uint32_t a)
{
    static const struct {
        uint32_t net;
        int bits;
    } others[] = {
        {0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},  {0xa9fe0000, 16},
        {0xac100000, 12}, {0xc0000000, 24}, {0xc0000200, 24}, {0xc0586300, 24}, {0xc0a80000, 16},
        {0xc6120000, 15}, {0xc6336400, 24}, {0xcb007100, 24}, {0xe0000000, 4},  {0xf0000000, 4},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if ((a ^ others[i].net) >> (32 - others[i].bits) == 0)
            return false;
    return true;
}

/* Global unicast (2000::/3) alone, and of that not what leads to IPv4 by another way, nor documentation. */
static bool v6_is_public(const uint8_t *a)
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    static const uint8_t nat64[12] = {0, 0x64, 0xff, 0x9b};
    if (memcmp(a, mapped, 12) == 0 || memcmp(a, nat64, 12) == 0)
        return v4_is_public(ic_load_u32(a + 12));
    if ((a[0] & 0xe0) != 0x20)
        return false;
    uint32_t head = ic_load_u32(a);
    if (head >> 16 == 0x2002) /* 6to4 */
        return v4_is_public(ic_load_u32(a + 2));
    return head != 0x20010000 /* Teredo */ && head != 0x20010db8;
}

bool icd_fetch_is_public(const struct sockaddr *address)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    if (address->sa_family == AF_INET) {
        memcpy(&v4, address, sizeof v4);
        return v4_is_public(ntohl(v4.sin_addr.s_addr));
    }
    if (address->sa_family != AF_INET6)
        return false;
    memcpy(&v6, address, sizeof v6);
    return v6_is_public(v6.sin6_addr.s6_addr);
}

/* Judged where the connection is made: a name cannot show one address to a check and another to us. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *a)
{
    struct transfer *t = ctx;
    (void)purpose;
    if (t->f->public_only && !icd_fetch_is_public(&a->addr)) {
        t->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

/* ---- one transfer ---- */

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
    struct transfer *t = ctx;
    if (ic_buf_append(&t->body, ic_view(p, size * n)) == IC_OK)
        return size * n;
    t->too_long = true;
    return 0;
}

static struct curl_slist *headers_of(const struct icd_fetch *f)
{
    struct curl_slist *list = NULL;
    for (size_t i = 0; i < f->header_count; i++) {
        struct curl_slist *more = curl_slist_append(list, f->headers[i]);
        if (!more)
            break;
        list = more;
    }
    return list;
}

/* "host:port" of an URL; false where it is none that we ask. */
static bool place_of(const char *url, char *host, size_t cap, char *port)
{
    CURLU *u = curl_url();
    char *h = NULL, *p = NULL, *user = NULL, *scheme = NULL;
    bool ok = u && strlen(url) < ICD_FETCH_URL_MAX &&
              curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
              curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
              (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0) &&
              curl_url_get(u, CURLUPART_USER, &user, 0) != CURLUE_OK &&
              curl_url_get(u, CURLUPART_HOST, &h, 0) == CURLUE_OK && strlen(h) < cap &&
              curl_url_get(u, CURLUPART_PORT, &p, CURLU_DEFAULT_PORT) == CURLUE_OK;
    if (ok) {
        snprintf(host, cap, "%s", h);
        snprintf(port, 8, "%.7s", p);
    }
    curl_free(h);
    curl_free(p);
    curl_free(user);
    curl_free(scheme);
    curl_url_cleanup(u);
    return ok;
}

/* Where the configuration names a resolver, libcurl gets its answers instead of asking another. */
static ic_err resolve(const struct icd_fetch *f, const char *host, const char *port,
                      int64_t wait_ms, struct curl_slist **out, char *why)
{
    struct icd_dns_hosts found;
    char line[1024], text[INET6_ADDRSTRLEN];
    unsigned char literal[16];
    if (!f->resolver || !*f->resolver || host[0] == '[' || inet_pton(AF_INET, host, literal) == 1)
        return IC_OK;
    IC_TRY(icd_dns_hosts(f->resolver, host, wait_ms, &found, why));
    int n = snprintf(line, sizeof line, "%s:%s:", host, port);
    for (size_t i = 0; i < found.count; i++) {
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        bool six = found.host[i].ss_family == AF_INET6;
        memcpy(&v4, &found.host[i], sizeof v4);
        memcpy(&v6, &found.host[i], sizeof v6);
        if (!inet_ntop(found.host[i].ss_family,
                       six ? (const void *)&v6.sin6_addr : (const void *)&v4.sin_addr, text,
                       sizeof text))
            continue;
        n += snprintf(line + n, sizeof line - (size_t)n, six ? "%s[%s]" : "%s%s", i ? "," : "",
                      text);
    }
    *out = curl_slist_append(NULL, line);
    return *out ? IC_OK : IC_ERR_NOMEM;
}

static void set_options(CURL *c, struct transfer *t, const char *url, char *words)
{
    const struct icd_fetch *f = t->f;
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_USERAGENT, "incamerad");
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, words);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, t);
    if (f->any_certificate) {
        curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (f->ca_file && *f->ca_file) {
        curl_easy_setopt(c, CURLOPT_CAINFO, f->ca_file);
        curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
    }
    if (f->body.len || (f->method && strcmp(f->method, "POST") == 0)) {
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)f->body.len);
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, f->body.len ? (const char *)f->body.p : "");
    }
    if (f->method && strcmp(f->method, "HEAD") == 0)
        curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
    else if (f->method && strcmp(f->method, "POST") != 0)
        curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, f->method);
}

static ic_err judge(CURLcode code, const struct transfer *t, const char *words, char *why)
{
    if (code == CURLE_OK)
        return IC_OK;
    snprintf(why, ICD_FETCH_WHY, "%s",
             t->refused    ? "its address is of a private network, or of this machine"
             : t->too_long ? "the answer is too long"
             : words[0]    ? words
                           : curl_easy_strerror(code));
    if (t->refused)
        return IC_ERR_DENIED;
    if (t->too_long)
        return IC_ERR_LIMIT;
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return IC_ERR_TIMEOUT;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return IC_ERR_AUTH;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return IC_ERR_MALFORMED;
    case CURLE_OUT_OF_MEMORY:
        return IC_ERR_NOMEM;
    default:
        return IC_ERR_IO;
    }
}

static int64_t mono_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void copy_header(CURL *c, const char *name, char *out, size_t len)
{
    struct curl_header *h;
    out[0] = '\0';
    if (curl_easy_header(c, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK && strlen(h->value) < len)
        snprintf(out, len, "%s", h->value);
}

/* One hop. next: where a redirect leads, "" where it leads nowhere. */
static ic_err hop(CURL *c, struct transfer *t, const char *url, int64_t end_ms, char *next,
                  struct icd_fetched *out, char *why)
{
    char words[CURL_ERROR_SIZE] = "", host[260], port[8], to[300];
    struct curl_slist *known = NULL, *connect = NULL, *headers = NULL;
    long status = 0;
    const char *value = NULL;
    if (!place_of(url, host, sizeof host, port)) {
        snprintf(why, ICD_FETCH_WHY, "this is no http or https URL that is followed");
        return IC_ERR_MALFORMED;
    }
    IC_TRY(resolve(t->f, host, port, end_ms - mono_ms(), &known, why));
    int64_t left = end_ms - mono_ms();
    curl_easy_reset(c);
    set_options(c, t, url, words);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)(left > 1 ? left : 1));
    if (known)
        curl_easy_setopt(c, CURLOPT_RESOLVE, known);
    if (t->f->connect_to && *t->f->connect_to) {
        snprintf(to, sizeof to, "::%.280s", t->f->connect_to);
        connect = curl_slist_append(NULL, to);
        curl_easy_setopt(c, CURLOPT_CONNECT_TO, connect);
    }
    headers = headers_of(t->f);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    ic_buf_reset(&t->body);
    ic_err e = judge(curl_easy_perform(c), t, words, why);
    *next = '\0';
    if (e == IC_OK) {
        curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
        out->status = (int)status;
        curl_easy_getinfo(c, CURLINFO_CONTENT_TYPE, &value);
        snprintf(out->type, sizeof out->type, "%s", value ? value : "");
        copy_header(c, "Replay-Nonce", out->nonce, sizeof out->nonce);
        copy_header(c, "Location", out->location, sizeof out->location);
        copy_header(c, "Retry-After", out->retry_after, sizeof out->retry_after);
        value = NULL;
        curl_easy_getinfo(c, CURLINFO_REDIRECT_URL, &value);
        if (value && strlen(value) < ICD_FETCH_URL_MAX)
            snprintf(next, ICD_FETCH_URL_MAX, "%s", value);
    }
    curl_slist_free_all(known);
    curl_slist_free_all(connect);
    curl_slist_free_all(headers);
    return e;
}

/* A redirect that leads elsewhere would make us knock at others' doors. */
static ic_err check_port(const struct icd_fetch *f, const char *url, char *why)
{
    char host[260], port[8];
    bool known = f->redirect_ports[0] == 0;
    if (known || !place_of(url, host, sizeof host, port))
        return IC_OK; /* what is no URL, the hop refuses */
    for (size_t i = 0; i < sizeof f->redirect_ports / sizeof *f->redirect_ports; i++)
        known = known || (f->redirect_ports[i] && strtol(port, NULL, 10) == f->redirect_ports[i]);
    if (!known)
        snprintf(why, ICD_FETCH_WHY, "a redirect leads to port %s", port);
    return known ? IC_OK : IC_ERR_DENIED;
}

static ic_err hops(CURL *c, struct transfer *t, struct icd_fetched *out, char *why)
{
    char url[ICD_FETCH_URL_MAX], next[ICD_FETCH_URL_MAX];
    int64_t end_ms = mono_ms() + t->f->timeout_ms;
    unsigned left = t->f->max_redirects < ICD_FETCH_REDIRECTS_MAX ? t->f->max_redirects
                                                                  : ICD_FETCH_REDIRECTS_MAX;
    IC_TRY(hop(c, t, t->f->url, end_ms, next, out, why));
    for (; *next && left; left--) {
        memcpy(url, next, sizeof url);
        IC_TRY(check_port(t->f, url, why));
        IC_TRY(hop(c, t, url, end_ms, next, out, why));
    }
    return IC_OK;
}

static void library_init(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

ic_err icd_fetch(const struct icd_fetch *f, struct icd_fetched *out, char *why)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct transfer t = {.f = f};
    struct icd_fetched got = {0};
    pthread_once(&once, library_init);
    ic_buf_init(&t.body, f->max);
    CURL *c = curl_easy_init();
    if (!c)
        return IC_ERR_NOMEM;
    ic_err e = hops(c, &t, &got, why);
    curl_easy_cleanup(c);
    if (e == IC_OK) {
        got.body = t.body;
        *out = got;
    } else {
        ic_buf_clear(&t.body);
    }
    return e;
}

void icd_fetched_clear(struct icd_fetched *f)
{
    ic_buf_clear(&f->body);
}
