/* https://host[:port]/m/<id>#k=<meeting key hash>&s=<join secret>[&c=<certificate pin>] */
#include <ic/base/secret.h>
#include <ic/base/text.h>
#include <ic/meeting/link.h>
#include <stdio.h>
#include <string.h>

static bool take(struct ic_view *v, const char *prefix)
{
    size_t n = strlen(prefix);
    if (v->len < n || memcmp(v->p, prefix, n) != 0)
        return false;
    *v = ic_view_sub(*v, n, v->len - n);
    return true;
}

/* What stands before any of the characters. */
static struct ic_view until(struct ic_view *v, const char *stops)
{
    size_t n = 0;
    while (n < v->len && !strchr(stops, v->p[n]))
        n++;
    struct ic_view head = ic_view_sub(*v, 0, n);
    *v = ic_view_sub(*v, n, v->len - n);
    return head;
}

static bool host_ok(struct ic_view host)
{
    for (size_t i = 0; i < host.len; i++) {
        char c = (char)host.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '.' || c == '-' || c == ':'))
            return false;
    }
    return host.len > 0 && host.len < 256;
}

static ic_err parse_port(struct ic_view text, uint16_t *port)
{
    uint32_t n = 0;
    if (text.len == 0 || text.len > 5)
        return IC_ERR_MALFORMED;
    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return IC_ERR_MALFORMED;
        n = n * 10 + (uint32_t)(text.p[i] - '0');
    }
    if (n == 0 || n > 65535)
        return IC_ERR_MALFORMED;
    *port = (uint16_t)n;
    return IC_OK;
}

/* host, host:port, [address], [address]:port */
static ic_err parse_authority(struct ic_view *v, struct ic_meeting_url *u)
{
    bool brackets = take(v, "[");
    struct ic_view host = until(v, brackets ? "]" : ":/#");
    if ((brackets && !take(v, "]")) || !host_ok(host) ||
        (!brackets && memchr(host.p, ':', host.len)))
        return IC_ERR_MALFORMED;
    memcpy(u->host, host.p, host.len);
    u->port = u->tls ? 443 : 80;
    return take(v, ":") ? parse_port(until(v, "/#"), &u->port) : IC_OK;
}

static bool is_local(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 ||
           strcmp(host, "::1") == 0;
}

static ic_err parse_ref(struct ic_view text, struct ic_meeting_link *l)
{
    IC_BUF_SCOPE(id, 16);
    bool digits = text.len >= 10;
    for (size_t i = 0; i < text.len; i++)
        digits = digits && text.p[i] >= '0' && text.p[i] <= '9';
    if (text.len == 0 || text.len >= sizeof l->ref)
        return IC_ERR_MALFORMED;
    if (!digits || text.len > 20) {
        digits = false;
        if (ic_base64_decode(IC_BASE64_URL, text, &id) != IC_OK || id.len != 16)
            return IC_ERR_MALFORMED;
    }
    l->ref_kind = digits ? IC_WIRE_REF_NUMBER : IC_WIRE_REF_ID;
    memcpy(l->ref, text.p, text.len);
    return IC_OK;
}

static ic_err parse_bytes(struct ic_view text, uint8_t *out, size_t len)
{
    IC_BUF_SCOPE(b, 64);
    ic_err e = ic_base64_decode(IC_BASE64_URL, text, &b);
    bool ok = e == IC_OK && b.len == len;
    if (ok)
        memcpy(out, b.p, len);
    if (b.p)
        ic_wipe(b.p, b.len);
    return ok ? IC_OK : IC_ERR_MALFORMED;
}

/* Unknown parts are passed over, so that a later version may add some. */
static ic_err parse_fragment(struct ic_view v, struct ic_meeting_url *u)
{
    bool key = false, secret = false;
    while (v.len) {
        struct ic_view part = until(&v, "&");
        (void)take(&v, "&");
        if (take(&part, "k=")) {
            IC_TRY(parse_bytes(part, u->link.meeting_key_hash, 32));
            key = true;
        } else if (take(&part, "s=")) {
            IC_TRY(parse_bytes(part, u->link.join_secret, 16));
            secret = true;
        } else if (take(&part, "c=")) {
            IC_TRY(parse_bytes(part, u->cert_pin, 32));
            u->has_cert_pin = true;
        }
    }
    if (key != secret)
        return IC_ERR_MALFORMED;
    u->link.pinned = key;
    return IC_OK;
}

/* What stands before the path. */
static ic_err parse_server(struct ic_view *v, struct ic_meeting_url *u)
{
    if (!ic_view_is_text(*v))
        return IC_ERR_MALFORMED;
    if (take(v, "https://"))
        u->tls = true;
    else if (!take(v, "http://"))
        return IC_ERR_UNSUPPORTED;
    IC_TRY(parse_authority(v, u));
    return u->tls || is_local(u->host) ? IC_OK : IC_ERR_DENIED;
}

ic_err ic_meeting_server_parse(struct ic_view text, struct ic_meeting_url *out)
{
    struct ic_meeting_url u = {0};
    struct ic_view v = text;
    IC_TRY(parse_server(&v, &u));
    (void)take(&v, "/");
    if (take(&v, "#"))
        IC_TRY(parse_fragment(v, &u));
    else if (v.len)
        return IC_ERR_MALFORMED;
    memset(&u.link, 0, sizeof u.link);
    *out = u;
    return IC_OK;
}

ic_err ic_meeting_url_parse(struct ic_view text, struct ic_meeting_url *out)
{
    struct ic_meeting_url u = {0};
    struct ic_view v = text;
    IC_TRY(parse_server(&v, &u));
    if (!take(&v, "/m/"))
        return IC_ERR_MALFORMED;
    IC_TRY(parse_ref(until(&v, "#"), &u.link));
    if (take(&v, "#"))
        IC_TRY(parse_fragment(v, &u));
    *out = u;
    return IC_OK;
}

static ic_err put(struct ic_buf *out, const char *text)
{
    return ic_buf_append(out, ic_view_cstr(text));
}

static ic_err put_bytes(struct ic_buf *out, const char *name, const uint8_t *bytes, size_t len)
{
    char text[64];
    IC_TRY(put(out, name));
    ic_base64_encode(IC_BASE64_URL, ic_view(bytes, len), text);
    ic_err e = put(out, text);
    ic_wipe(text, sizeof text);
    return e;
}

static ic_err put_fragment(const struct ic_meeting_url *u, struct ic_buf *out)
{
    const char *mark = "#";
    if (u->link.pinned) {
        IC_TRY(put_bytes(out, "#k=", u->link.meeting_key_hash, 32));
        IC_TRY(put_bytes(out, "&s=", u->link.join_secret, 16));
        mark = "&";
    }
    if (!u->has_cert_pin)
        return IC_OK;
    IC_TRY(put(out, mark));
    return put_bytes(out, "c=", u->cert_pin, 32);
}

ic_err ic_meeting_url_write(const struct ic_meeting_url *u, struct ic_buf *out)
{
    char port[8] = "";
    size_t before = out->len;
    bool v6 = strchr(u->host, ':') != NULL;
    if (u->port != (u->tls ? 443 : 80))
        snprintf(port, sizeof port, ":%u", u->port);
    const char *parts[] = {u->tls ? "https://" : "http://",
                           v6 ? "[" : "",
                           u->host,
                           v6 ? "]" : "",
                           port,
                           "/m/",
                           u->link.ref};
    ic_err e = IC_OK;
    for (size_t i = 0; e == IC_OK && i < sizeof parts / sizeof *parts; i++)
        e = put(out, parts[i]);
    if (e == IC_OK)
        e = put_fragment(u, out);
    if (e != IC_OK)
        out->len = before;
    return e;
}
