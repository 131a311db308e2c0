#include <ic/base/mem.h>
#include <ic/rtc/dtls.h>
#include <ic/rtc/ice.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

enum {
    MTU = 1200,
    FIRST_TIMEOUT_US = 100 * 1000, /* the path is known to be up: ICE went before */
    LAST_TIMEOUT_US = 2000 * 1000,
    RETRY_MS = 5, /* OpenSSL's clock and the caller's need not agree to the millisecond */
};

static const char profiles[] = "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM";
/* Ephemeral ECDH and an AEAD; the certificate is P-256. */
static const char ciphers[] = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
                              "ECDHE-ECDSA-CHACHA20-POLY1305";

struct ic_rtc_cert {
    SSL_CTX *ctx;
    X509 *x509;
    BIO_METHOD *method;
    uint8_t fingerprint[IC_RTC_FINGERPRINT_LEN];
};

struct ic_rtc_dtls {
    SSL *ssl;
    enum ic_rtc_dtls_role role;
    enum ic_rtc_dtls_state state;
    uint8_t fingerprint[IC_RTC_FINGERPRINT_LEN];
    bool wrong_fingerprint;
    struct ic_view in; /* the datagram that is being read */
    void (*send)(void *ctx, struct ic_view datagram);
    void *ctx;
    uint64_t start_ms, deadline_ms;
    bool started;
};

/* A BIO that keeps datagrams apart: one read gives one datagram, one write sends one. */
static int bio_write(BIO *b, const char *p, int len)
{
    struct ic_rtc_dtls *d = BIO_get_data(b);
    if (len <= 0)
        return 0;
    d->send(d->ctx, ic_view(p, (size_t)len));
    return len;
}

static int bio_read(BIO *b, char *p, int len)
{
    struct ic_rtc_dtls *d = BIO_get_data(b);
    BIO_clear_retry_flags(b);
    if (d->in.len == 0 || len <= 0) {
        BIO_set_retry_read(b);
        return -1;
    }
    size_t n = d->in.len < (size_t)len ? d->in.len : (size_t)len;
    memcpy(p, d->in.p, n);
    d->in = ic_view(NULL, 0);
    return (int)n;
}

static long bio_ctrl(BIO *b, int command, long number, void *p)
{
    (void)b;
    (void)number;
    (void)p;
    switch (command) {
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DUP:
        return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
        return MTU;
    default:
        return 0;
    }
}

static BIO_METHOD *make_method(void)
{
    BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams");
    if (m && BIO_meth_set_write(m, bio_write) == 1 && BIO_meth_set_read(m, bio_read) == 1 &&
        BIO_meth_set_ctrl(m, bio_ctrl) == 1)
        return m;
    BIO_meth_free(m);
    return NULL;
}

/* RFC 5763 section 5: the certificate proves nothing but that its key signed; its fingerprint, which
 * came through signalling, decides. */
static int verify(X509_STORE_CTX *store, void *arg)
{
    (void)arg;
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct ic_rtc_dtls *d = ssl ? SSL_get_app_data(ssl) : NULL;
    X509 *peer = X509_STORE_CTX_get0_cert(store);
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (d && peer && X509_digest(peer, EVP_sha256(), digest, &len) == 1 &&
        ic_ct_equal(ic_view(digest, len), IC_VIEW_ARRAY(d->fingerprint))) {
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return 1;
    }
    if (d)
        d->wrong_fingerprint = true;
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    return 0;
}

static bool fill_certificate(X509 *x, EVP_PKEY *key)
{
    enum { DAY = 86400 };
    X509_NAME *name = X509_get_subject_name(x);
    return X509_set_version(x, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set(X509_get_serialNumber(x), 1) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(x), -DAY) &&
           X509_gmtime_adj(X509_getm_notAfter(x), 30L * DAY) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"media", -1, -1,
                                      0) == 1 &&
           X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, key) == 1 &&
           X509_sign(x, key, EVP_sha256()) > 0;
}

static bool fill_context(SSL_CTX *ctx, X509 *x, EVP_PKEY *key)
{
    char groups[] = "X25519:P-256"; /* the macro's type wants it writable */
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_QUERY_MTU);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_cert_verify_callback(ctx, verify, NULL);
    SSL_CTX_set_max_cert_list(ctx, 8192);
    SSL_CTX_set_read_ahead(ctx, 1);
    return SSL_CTX_set_min_proto_version(ctx, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(ctx, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(ctx, ciphers) == 1 &&
           SSL_CTX_set1_groups_list(ctx, groups) == 1 &&
           SSL_CTX_set_tlsext_use_srtp(ctx, profiles) == 0 &&
           SSL_CTX_use_certificate(ctx, x) == 1 && SSL_CTX_use_PrivateKey(ctx, key) == 1;
}

ic_err ic_rtc_cert_new(struct ic_rtc_cert **out)
{
    struct ic_rtc_cert *c = ic_new(struct ic_rtc_cert);
    if (!c)
        return IC_ERR_NOMEM;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    c->x509 = X509_new();
    c->ctx = SSL_CTX_new(DTLS_method());
    c->method = make_method();
    unsigned len = 0;
    bool ok = key && c->x509 && c->ctx && c->method && fill_certificate(c->x509, key) &&
              fill_context(c->ctx, c->x509, key) &&
              X509_digest(c->x509, EVP_sha256(), c->fingerprint, &len) == 1 &&
              len == IC_RTC_FINGERPRINT_LEN;
    EVP_PKEY_free(key);
    ERR_clear_error();
    if (!ok) {
        ic_rtc_cert_free(c);
        return IC_ERR_CRYPTO;
    }
    *out = c;
    return IC_OK;
}

void ic_rtc_cert_free(struct ic_rtc_cert *c)
{
    if (!c)
        return;
    SSL_CTX_free(c->ctx);
    X509_free(c->x509);
    BIO_meth_free(c->method);
    ic_free(c);
}

struct ic_view ic_rtc_cert_fingerprint(const struct ic_rtc_cert *c)
{
    return IC_VIEW_ARRAY(c->fingerprint);
}

static unsigned next_timeout(SSL *ssl, unsigned us)
{
    (void)ssl;
    if (us == 0)
        return FIRST_TIMEOUT_US;
    return us * 2 > LAST_TIMEOUT_US ? LAST_TIMEOUT_US : us * 2;
}

ic_err ic_rtc_dtls_new(const struct ic_rtc_cert *cert, enum ic_rtc_dtls_role role,
                       struct ic_view fingerprint, void (*send)(void *ctx, struct ic_view datagram),
                       void *ctx, struct ic_rtc_dtls **out)
{
    if (fingerprint.len != IC_RTC_FINGERPRINT_LEN)
        return IC_ERR_ARG;
    struct ic_rtc_dtls *d = ic_new(struct ic_rtc_dtls);
    if (!d)
        return IC_ERR_NOMEM;
    memcpy(d->fingerprint, fingerprint.p, fingerprint.len);
    d->role = role;
    d->send = send;
    d->ctx = ctx;
    d->deadline_ms = IC_RTC_NEVER;
    d->ssl = SSL_new(cert->ctx);
    BIO *bio = BIO_new(cert->method);
    if (!d->ssl || !bio) {
        BIO_free(bio);
        ic_rtc_dtls_free(d);
        ERR_clear_error();
        return IC_ERR_NOMEM;
    }
    BIO_set_data(bio, d);
    BIO_set_init(bio, 1);
    SSL_set_bio(d->ssl, bio, bio);
    SSL_set_app_data(d->ssl, d);
    SSL_set_mtu(d->ssl, MTU);
    DTLS_set_timer_cb(d->ssl, next_timeout);
    if (role == IC_RTC_DTLS_CLIENT)
        SSL_set_connect_state(d->ssl);
    else
        SSL_set_accept_state(d->ssl);
    *out = d;
    return IC_OK;
}

void ic_rtc_dtls_free(struct ic_rtc_dtls *d)
{
    if (!d)
        return;
    SSL_free(d->ssl);
    ic_free(d);
}

static ic_err fail(struct ic_rtc_dtls *d, ic_err e)
{
    d->state = IC_RTC_DTLS_FAILED;
    d->deadline_ms = IC_RTC_NEVER;
    return e;
}

static void set_deadline(struct ic_rtc_dtls *d, uint64_t now_ms)
{
    struct timeval left = {0};
    d->deadline_ms = IC_RTC_NEVER;
    if (d->state != IC_RTC_DTLS_HANDSHAKE || !d->started)
        return;
    d->deadline_ms = d->start_ms + IC_RTC_DTLS_GIVE_UP_MS;
    if (DTLSv1_get_timeout(d->ssl, &left) == 1) {
        uint64_t ms = (uint64_t)left.tv_sec * 1000 + (uint64_t)left.tv_usec / 1000;
        if (now_ms + ms + RETRY_MS < d->deadline_ms)
            d->deadline_ms = now_ms + ms + RETRY_MS;
    }
}

static bool wants_more(const struct ic_rtc_dtls *d, int ret)
{
    int why = SSL_get_error(d->ssl, ret);
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
}

static ic_err handshake(struct ic_rtc_dtls *d, uint64_t now_ms)
{
    ERR_clear_error();
    int ret = SSL_do_handshake(d->ssl);
    if (ret == 1) {
        if (!SSL_get_selected_srtp_profile(d->ssl))
            return fail(d, IC_ERR_CRYPTO);
        d->state = IC_RTC_DTLS_OPEN;
    } else if (!wants_more(d, ret)) {
        ERR_clear_error();
        return fail(d, d->wrong_fingerprint ? IC_ERR_AUTH : IC_ERR_CRYPTO);
    }
    ERR_clear_error();
    set_deadline(d, now_ms);
    return IC_OK;
}

ic_err ic_rtc_dtls_start(struct ic_rtc_dtls *d, uint64_t now_ms)
{
    if (d->started)
        return IC_OK;
    d->started = true;
    d->start_ms = now_ms;
    if (d->role == IC_RTC_DTLS_CLIENT)
        return handshake(d, now_ms);
    set_deadline(d, now_ms);
    return IC_OK;
}

/* After the handshake: a retransmitted flight of the peer is answered inside OpenSSL, application data is
 * thrown away, close_notify ends it. */
static void drain(struct ic_rtc_dtls *d)
{
    uint8_t scratch[IC_RTC_DTLS_DATAGRAM_MAX];
    ERR_clear_error();
    while (SSL_read(d->ssl, scratch, sizeof scratch) > 0)
        ;
    ERR_clear_error();
    if (SSL_get_shutdown(d->ssl) & SSL_RECEIVED_SHUTDOWN)
        d->state = IC_RTC_DTLS_CLOSED;
}

ic_err ic_rtc_dtls_input(struct ic_rtc_dtls *d, struct ic_view datagram, uint64_t now_ms)
{
    if (d->state == IC_RTC_DTLS_CLOSED || d->state == IC_RTC_DTLS_FAILED)
        return IC_ERR_STATE;
    if (datagram.len == 0 || datagram.len > IC_RTC_DTLS_DATAGRAM_MAX)
        return IC_OK;
    if (!d->started)
        IC_TRY(ic_rtc_dtls_start(d, now_ms));
    ic_err e = IC_OK;
    d->in = datagram;
    if (d->state == IC_RTC_DTLS_HANDSHAKE)
        e = handshake(d, now_ms);
    if (e == IC_OK && d->state == IC_RTC_DTLS_OPEN)
        drain(d);
    d->in = ic_view(NULL, 0);
    return e;
}

uint64_t ic_rtc_dtls_deadline(const struct ic_rtc_dtls *d)
{
    return d->deadline_ms;
}

ic_err ic_rtc_dtls_tick(struct ic_rtc_dtls *d, uint64_t now_ms)
{
    if (now_ms < d->deadline_ms)
        return IC_OK;
    if (now_ms >= d->start_ms + IC_RTC_DTLS_GIVE_UP_MS)
        return fail(d, IC_ERR_TIMEOUT);
    ERR_clear_error();
    if (DTLSv1_handle_timeout(d->ssl) < 0) {
        ERR_clear_error();
        return fail(d, IC_ERR_TIMEOUT);
    }
    return handshake(d, now_ms);
}

enum ic_rtc_dtls_state ic_rtc_dtls_state(const struct ic_rtc_dtls *d)
{
    return d->state;
}

void ic_rtc_srtp_keys_clear(struct ic_rtc_srtp_keys *k)
{
    ic_wipe(k, sizeof *k);
}

/* RFC 5764 section 4.2: client key, server key, client salt, server salt. */
ic_err ic_rtc_dtls_keys(const struct ic_rtc_dtls *d, struct ic_rtc_srtp_keys *out)
{
    static const char label[] = "EXTRACTOR-dtls_srtp";
    uint8_t block[2 * (32 + 12)];
    if (d->state != IC_RTC_DTLS_OPEN)
        return IC_ERR_STATE;
    unsigned long id = SSL_get_selected_srtp_profile(d->ssl)->id;
    size_t key_len = id == SRTP_AEAD_AES_256_GCM ? 32 : 16, salt_len = 12;
    if (SSL_export_keying_material(d->ssl, block, 2 * (key_len + salt_len), label, sizeof label - 1,
                                   NULL, 0, 0) != 1)
        return IC_ERR_CRYPTO;
    struct ic_view keys[2] = {ic_view(block, key_len), ic_view(block + key_len, key_len)};
    struct ic_view salts[2] = {ic_view(block + 2 * key_len, salt_len),
                               ic_view(block + 2 * key_len + salt_len, salt_len)};
    int ours = d->role == IC_RTC_DTLS_CLIENT ? 0 : 1;
    struct ic_rtc_srtp_keys k = {.profile = id == SRTP_AEAD_AES_256_GCM ? IC_RTC_SRTP_AES_256_GCM
                                                                        : IC_RTC_SRTP_AES_128_GCM};
    ic_err e = ic_secret_set(&k.send_key, keys[ours]);
    if (e == IC_OK)
        e = ic_secret_set(&k.send_salt, salts[ours]);
    if (e == IC_OK)
        e = ic_secret_set(&k.recv_key, keys[1 - ours]);
    if (e == IC_OK)
        e = ic_secret_set(&k.recv_salt, salts[1 - ours]);
    if (e == IC_OK)
        *out = k;
    ic_wipe(block, sizeof block);
    ic_rtc_srtp_keys_clear(&k);
    return e;
}

void ic_rtc_dtls_close(struct ic_rtc_dtls *d)
{
    if (d->state == IC_RTC_DTLS_OPEN) {
        ERR_clear_error();
        (void)SSL_shutdown(d->ssl);
        ERR_clear_error();
    }
    if (d->state != IC_RTC_DTLS_FAILED)
        d->state = IC_RTC_DTLS_CLOSED;
    d->deadline_ms = IC_RTC_NEVER;
}
