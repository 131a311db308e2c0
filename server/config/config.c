#include "config/config.h"
#include "config/keys.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_MAX = 128, FILE_MAX = 1 << 20, QUEUE_SPARE = 1 << 20 };

static const char *const levels[] = {"error", "warn", "info", "debug"};

struct parse {
    struct icd_config *config;
    struct ic_view rest;
    const char *name;
    unsigned line, fault_line;
    bool seen[KEYS_MAX];
    char *why;
    ic_err err;
};

__attribute__((format(printf, 3, 4))) static void fault(struct parse *p, ic_err e,
                                                        const char *format, ...)
{
    if (p->err != IC_OK)
        return;
    int n = snprintf(p->why, ICD_CONFIG_WHY, "%s:%u: ", p->name, p->line);
    va_list args;
    va_start(args, format);
    vsnprintf(p->why + n, ICD_CONFIG_WHY - (size_t)n, format, args);
    va_end(args);
    p->fault_line = p->line;
    p->err = e;
}

/* inih asks for one line at a time: so lines are counted here, and none is cut in two unseen. */
static char *next_line(char *out, int room, void *stream)
{
    struct parse *p = stream;
    if (p->err != IC_OK || p->rest.len == 0)
        return NULL;
    const uint8_t *nl = memchr(p->rest.p, '\n', p->rest.len);
    size_t n = nl ? (size_t)(nl - p->rest.p) : p->rest.len;
    p->line++;
    if (n + 2 > (size_t)room || n > ICD_CONFIG_LINE_MAX || memchr(p->rest.p, 0, n)) {
        fault(p, IC_ERR_MALFORMED, "the line is too long, or no text");
        return NULL;
    }
    memcpy(out, p->rest.p, n);
    out[n] = '\n';
    out[n + 1] = '\0';
    p->rest = ic_view_sub(p->rest, n + (nl != NULL), p->rest.len - n - (nl != NULL));
    return out;
}

static bool to_number(const char *value, uint32_t *out)
{
    char *end;
    errno = 0;
    unsigned long long v = strtoull(value, &end, 10);
    if (errno || end == value || *end || v > UINT32_MAX || value[0] < '0' || value[0] > '9')
        return false;
    *out = (uint32_t)v;
    return true;
}

static void set_number(struct parse *p, const struct icd_key *k, void *at, const char *value)
{
    uint32_t n;
    if (!to_number(value, &n) || n < k->low || n > k->high)
        fault(p, IC_ERR_RANGE, "%s = %s: a number from %u to %u", k->key, value, k->low, k->high);
    else
        memcpy(at, &n, sizeof n);
}

static void set_flag(struct parse *p, const struct icd_key *k, void *at, const char *value)
{
    bool yes = strcmp(value, "yes") == 0;
    if (!yes && strcmp(value, "no") != 0)
        fault(p, IC_ERR_RANGE, "%s = %s: yes or no", k->key, value);
    else
        memcpy(at, &yes, sizeof yes);
}

static void set_level(struct parse *p, const struct icd_key *k, void *at, const char *value)
{
    for (uint32_t i = 0; i < 4; i++) {
        if (strcmp(value, levels[i]) == 0) {
            memcpy(at, &i, sizeof i);
            return;
        }
    }
    fault(p, IC_ERR_RANGE, "%s = %s: %s", k->key, value, k->text);
}

static void set(struct parse *p, const struct icd_key *k, const char *value)
{
    char *at = (char *)p->config + k->offset;
    switch (k->type) {
    case ICD_KEY_TEXT:
        if (strlen(value) >= k->room || !ic_view_is_text(ic_view_cstr(value)))
            fault(p, IC_ERR_RANGE, "%s: at most %zu bytes of text", k->key, k->room - 1);
        else
            strcpy(at, value);
        break;
    case ICD_KEY_NUMBER:
        set_number(p, k, at, value);
        break;
    case ICD_KEY_FLAG:
        set_flag(p, k, at, value);
        break;
    case ICD_KEY_LEVEL:
        set_level(p, k, at, value);
        break;
    }
}

static int on_value(void *user, const char *section, const char *name, const char *value)
{
    struct parse *p = user;
    if (p->err != IC_OK)
        return 0;
    for (size_t i = 0; icd_key_at(i); i++) {
        const struct icd_key *k = icd_key_at(i);
        if (strcmp(k->section, section) != 0 || strcmp(k->key, name) != 0)
            continue;
        if (p->seen[i])
            fault(p, IC_ERR_MALFORMED, "%s is given twice, or its value is continued", name);
        else
            set(p, k, value ? value : "");
        p->seen[i] = true;
        return p->err == IC_OK;
    }
    fault(p, IC_ERR_MALFORMED, "unknown key %.64s in [%.64s]", name, section);
    return 0;
}

ic_err icd_config_parse(struct icd_config *c, struct ic_view text, const char *name, char *why)
{
    struct icd_config made = *c;
    struct parse p = {.config = &made, .rest = text, .name = name, .why = why};
    int line = ini_parse_stream(next_line, &p, on_value, &p);
    /* inih goes on after a line that it cannot read, and tells the first. */
    if (line != 0 && (p.err == IC_OK || (line > 0 && (unsigned)line < p.fault_line))) {
        p.line = line > 0 ? (unsigned)line : p.line;
        p.err = IC_OK;
        fault(&p, IC_ERR_MALFORMED, "no section, key or comment");
    }
    if (p.err == IC_OK)
        *c = made;
    return p.err;
}

ic_err icd_config_read(struct icd_config *c, const char *path, char *why)
{
    FILE *f = fopen(path, "re");
    char *text = f ? malloc(FILE_MAX + 1) : NULL;
    if (!text) {
        snprintf(why, ICD_CONFIG_WHY, "%s: %s", path, strerror(errno));
        if (f)
            fclose(f);
        return IC_ERR_IO;
    }
    size_t n = fread(text, 1, FILE_MAX + 1, f);
    bool bad = ferror(f) || n > FILE_MAX;
    fclose(f);
    ic_err e = IC_ERR_IO;
    if (bad)
        snprintf(why, ICD_CONFIG_WHY, "%s: cannot be read, or is over 1 MiB", path);
    else
        e = icd_config_parse(c, ic_view(text, n), path, why);
    free(text);
    return e;
}

/* ---- addresses ---- */

bool icd_config_next(struct ic_view *rest, struct ic_view *item)
{
    size_t at = 0;
    while (at < rest->len && (rest->p[at] == ' ' || rest->p[at] == ','))
        at++;
    size_t end = at;
    while (end < rest->len && rest->p[end] != ' ' && rest->p[end] != ',')
        end++;
    if (at == end)
        return false;
    *item = ic_view_sub(*rest, at, end - at);
    *rest = ic_view_sub(*rest, end, rest->len - end);
    return true;
}

static bool is_numeric(const char *address)
{
    uint8_t room[16];
    return inet_pton(AF_INET, address, room) == 1 || inet_pton(AF_INET6, address, room) == 1;
}

ic_err icd_config_address(struct ic_view item, char *address, uint16_t *port)
{
    char text[80], *colon;
    uint32_t n;
    if (item.len == 0 || item.len >= 64)
        return IC_ERR_MALFORMED;
    memcpy(text, item.p, item.len);
    text[item.len] = '\0';
    colon = strrchr(text, ':');
    if (!colon || !to_number(colon + 1, &n) || n > 65535)
        return IC_ERR_MALFORMED;
    *colon = '\0';
    char *host = text;
    if (host[0] == '[' && colon > host + 1 && colon[-1] == ']') {
        colon[-1] = '\0';
        host++;
    }
    if (strcmp(host, "*") == 0)
        host[0] = '\0';
    if (host[0] && !is_numeric(host))
        return IC_ERR_MALFORMED;
    strcpy(address, host);
    *port = (uint16_t)n;
    return IC_OK;
}

bool icd_config_is_loopback(const char *address)
{
    uint8_t v4[4];
    return strcmp(address, "::1") == 0 || (inet_pton(AF_INET, address, v4) == 1 && v4[0] == 127);
}

static ic_err check_list(const char *list, bool loopback_only, const char *key, char *why)
{
    struct ic_view rest = ic_view_cstr(list), item;
    while (icd_config_next(&rest, &item)) {
        char address[64];
        uint16_t port;
        if (icd_config_address(item, address, &port) != IC_OK) {
            snprintf(why, ICD_CONFIG_WHY, "%s: %.*s is no address:port", key, (int)item.len,
                     item.p);
            return IC_ERR_RANGE;
        }
        if (loopback_only && !icd_config_is_loopback(address)) {
            snprintf(why, ICD_CONFIG_WHY,
                     "%s: %.*s is not a loopback address; others need TLS (listen)", key,
                     (int)item.len, item.p);
            return IC_ERR_RANGE;
        }
    }
    return IC_OK;
}

/* Plain http is for an authority on this machine alone. */
static ic_err check_acme(const struct icd_config *c, bool tls, char *why)
{
    const char *d = c->acme.directory;
    if (!d[0])
        return IC_OK;
    bool here = strncmp(d, "http://127.", 11) == 0 || strncmp(d, "http://localhost", 16) == 0;
    if (strncmp(d, "https://", 8) != 0 && !here)
        snprintf(why, ICD_CONFIG_WHY, "directory: %s is no https URL", d);
    else if (!c->acme.domains[0])
        snprintf(why, ICD_CONFIG_WHY, "[acme] needs domains");
    else if (!tls)
        snprintf(why, ICD_CONFIG_WHY, "[acme] gives a certificate for https: listen is empty");
    else
        return check_list(c->acme.listen, false, "[acme] listen", why);
    return IC_ERR_RANGE;
}

ic_err icd_config_check(const struct icd_config *c, char *why)
{
    struct ic_view https = ic_view_cstr(c->listen), http = ic_view_cstr(c->listen_local), item;
    IC_TRY(check_list(c->listen, false, "listen", why));
    IC_TRY(check_list(c->listen_local, true, "listen_local", why));
    bool tls = icd_config_next(&https, &item);
    if (!tls && !icd_config_next(&http, &item)) {
        snprintf(why, ICD_CONFIG_WHY, "neither listen nor listen_local names an address");
        return IC_ERR_RANGE;
    }
    IC_TRY(check_acme(c, tls, why));
    if (tls && !c->acme.directory[0] && (!c->certificate[0] || !c->private_key[0])) {
        snprintf(why, ICD_CONFIG_WHY, "listen needs certificate and private_key");
        return IC_ERR_RANGE;
    }
    if (c->queue_bytes < c->limits.max_frame + QUEUE_SPARE) {
        snprintf(why, ICD_CONFIG_WHY, "queue_bytes: at least 1 MiB more than max_frame");
        return IC_ERR_RANGE;
    }
    if (!c->data_dir[0]) {
        snprintf(why, ICD_CONFIG_WHY, "data_dir is empty");
        return IC_ERR_RANGE;
    }
    if (c->media && !is_numeric(c->media_bind)) {
        snprintf(why, ICD_CONFIG_WHY, "bind: %s is no address", c->media_bind);
        return IC_ERR_RANGE;
    }
    return IC_OK;
}

/* ---- printing ---- */

static void print_value(const struct icd_config *c, const struct icd_key *k, FILE *out)
{
    const char *at = (const char *)c + k->offset;
    uint32_t n;
    if (k->type == ICD_KEY_TEXT) {
        fputs(at, out);
    } else if (k->type == ICD_KEY_FLAG) {
        fputs(*(const bool *)at ? "yes" : "no", out);
    } else {
        memcpy(&n, at, sizeof n);
        if (k->type == ICD_KEY_LEVEL)
            fputs(levels[n & 3], out);
        else
            fprintf(out, "%u", n);
    }
}

void icd_config_print(const struct icd_config *c, FILE *out)
{
    const char *section = "";
    for (size_t i = 0; icd_key_at(i); i++) {
        const struct icd_key *k = icd_key_at(i);
        if (strcmp(section, k->section) != 0)
            fprintf(out, "%s[%s]\n", i ? "\n" : "", k->section);
        section = k->section;
        fprintf(out, "# %s\n%s = ", k->text, k->key);
        print_value(c, k, out);
        fputc('\n', out);
    }
}

bool icd_config_key(size_t i, const char **section, const char **key, const char **text)
{
    const struct icd_key *k = icd_key_at(i);
    if (!k)
        return false;
    *section = k->section;
    *key = k->key;
    *text = k->text;
    return true;
}
