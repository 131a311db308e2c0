/* Who vouches for somebody, for people: the certificate as the JSON event has it, in lines. */
#include "identity/contacts.h"
#include "terminal.h"

#include <ic/base/mem.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

__attribute__((format(printf, 2, 3))) static void line(struct icc_terminal *t, const char *format,
                                                       ...)
{
    va_list ap;
    if (t->panel_count == PANEL_LINES)
        return;
    char *to = t->panel[t->panel_count++];
    va_start(ap, format);
    vsnprintf(to, LINE_ROOM, format, ap);
    va_end(ap);
    icc_terminal_make_harmless(to);
}

static const char *text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

/* "2026-11-23T04:00:00Z" as "2026-11-23 04:00". */
static void print_time(const char *text, char out[20])
{
    snprintf(out, 20, "%.10s %.5s", text, strlen(text) > 16 ? text + 11 : "");
}

static void print_left(const char *until, char *out, size_t len)
{
    struct tm tm = {0};
    if (!strptime(until, "%Y-%m-%dT%H:%M:%SZ", &tm))
        return;
    double left = difftime(timegm(&tm), time(NULL));
    if (left < 0)
        snprintf(out, len, ": over");
    else if (left < 2 * 3600)
        snprintf(out, len, ", %.0f minutes left", left / 60);
    else if (left < 2 * 86400)
        snprintf(out, len, ", %.0f hours left", left / 3600);
    else
        snprintf(out, len, ", %.0f days left", left / 86400);
}

static void tell_validity(struct icc_terminal *t, const json_t *c)
{
    char from[20], to[20], left[40] = "";
    print_time(text_of(c, "not_before"), from);
    print_time(text_of(c, "not_after"), to);
    print_left(text_of(c, "not_after"), left, sizeof left);
    line(t, "Valid        %s to %s UTC%s", from, to, left);
}

static void tell_names(struct icc_terminal *t, const json_t *names)
{
    size_t i;
    const json_t *n;
    json_array_foreach(names, i, n)
        line(t, "%-12s %s (%s)", i ? "" : "Names", text_of(n, "value"), text_of(n, "kind"));
}

static void tell_chain(struct icc_terminal *t, const json_t *c)
{
    size_t i;
    const json_t *n, *chain = json_object_get(c, "chain");
    line(t, "Issued by    %s", text_of(c, "issuer"));
    json_array_foreach(chain, i, n) if (i + 1 < json_array_size(chain) ||
                                        strcmp(text_of(n, "issuer"), text_of(n, "subject")))
        line(t, "             by %s", text_of(n, "issuer"));
}

static void tell_certificate(struct icc_terminal *t, const json_t *c)
{
    if (text_of(c, "reason_text")[0])
        line(t, "Why not      %s", text_of(c, "reason_text"));
    line(t, "Subject      %s", text_of(c, "subject"));
    tell_names(t, json_object_get(c, "names"));
    tell_chain(t, c);
    tell_validity(t, c);
    line(t, "Serial       %s", text_of(c, "serial"));
    line(t, "Fingerprint  %.64s", text_of(c, "fingerprint"));
}

void icc_terminal_certificate(struct icc_terminal *t, const struct ic_meeting_person *p)
{
    char words[ICC_WORDS_PERSON], code[ICC_KEY_CODE];
    IC_BUF_SCOPE(event, 1 << 17);
    t->panel_count = 0;
    icc_words_person(p, words);
    line(t, "%s%s: %s", p->name, p->self ? ", you" : "", words);
    json_t *o = icc_room_certificate(t->room, p->leaf, &event) == IC_OK
                    ? json_loadb((const char *)event.p, event.len, 0, NULL)
                    : NULL;
    const json_t *c = json_object_get(o, "certificate");
    if (c)
        tell_certificate(t, c);
    else
        line(t, "There is no certificate: the name is what they typed.");
    icc_key_code(p->key_hash, code);
    line(t, "Key          %s%s%s", c ? text_of(c, "key") : "", c ? ", " : "", code);
    json_decref(o);
}

/* The next participant's, or the first; at the end it closes. */
void icc_terminal_certificate_next(struct icc_terminal *t)
{
    size_t next = t->panel_count ? t->panel_of + 1 : 0;
    t->panel_count = 0;
    if (next >= t->people_count)
        return;
    t->panel_of = next;
    icc_terminal_certificate(t, &t->people[next]);
}
