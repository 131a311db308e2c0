/* Whom this device knows from earlier meetings: a known name with another key is not taken for the person. */
#include "internal.h"
#include <ic/base/mem.h>
#include <ic/pki/cert.h>
#include <string.h>

static bool same_text(const char *a, const char *b)
{
    return a[0] && strcmp(a, b) == 0;
}

/* ---- one address, however it is spelled ---- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int hex(char c)
{
    c = lower(c);
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool drop_scheme(struct ic_view *v, const char *scheme)
{
    size_t n = strlen(scheme);
    if (v->len < n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (lower((char)v->p[i]) != scheme[i])
            return false;
    *v = ic_view_sub(*v, n, v->len - n);
    return true;
}

/* The address within a name: without the scheme of a URI, its escapes undone, and what may follow it. */
struct spelled {
    struct ic_view rest;
    bool uri;
};

static struct spelled spelled(struct ic_view name)
{
    struct spelled s = {.rest = name};
    s.uri = drop_scheme(&s.rest, "im:") || drop_scheme(&s.rest, "mailto:");
    for (size_t i = 0; s.uri && i < s.rest.len; i++)
        if (s.rest.p[i] == '?' || s.rest.p[i] == '#')
            s.rest.len = i;
    while (s.rest.len && s.rest.p[s.rest.len - 1] == '.')
        s.rest.len--; /* example.org. is example.org */
    return s;
}

static int next(struct spelled *s)
{
    if (s->rest.len == 0)
        return -1;
    char c = (char)s->rest.p[0];
    size_t n = 1;
    if (s->uri && c == '%' && s->rest.len >= 3 && hex((char)s->rest.p[1]) >= 0 &&
        hex((char)s->rest.p[2]) >= 0) {
        c = (char)(hex((char)s->rest.p[1]) * 16 + hex((char)s->rest.p[2]));
        n = 3;
    }
    s->rest = ic_view_sub(s->rest, n, s->rest.len - n);
    return (uint8_t)lower(c);
}

static bool same_address(struct ic_view a, struct ic_view b)
{
    struct spelled x = spelled(a), y = spelled(b);
    for (;;) {
        int c = next(&x);
        if (c != next(&y))
            return false;
        if (c < 0)
            return true;
    }
}

/* Any of them: which one comes first is the authority's choice. */
static bool has_address(struct ic_view names, const char *address)
{
    struct ic_reader r = ic_reader(names);
    struct ic_pki_name n;
    while (address[0] && ic_pki_names_next(&r, &n))
        if ((n.kind == IC_PKI_NAME_EMAIL || n.kind == IC_PKI_NAME_URI ||
             n.kind == IC_PKI_NAME_DNS) &&
            same_address(n.value, ic_view_cstr(address)))
            return true;
    return false;
}

/* ---- who is who ---- */

/* Names are not unique: where both sides have an address, and an authority vouches for the newcomer's, the addresses
 * alone say whether they claim to be the same person. */
static bool same_person(const struct ic_meeting_pin *pin, const struct ic_meeting_person *who,
                        struct ic_view names)
{
    if (has_address(names, pin->address))
        return true;
    bool apart = pin->address[0] && who->address[0] && who->identity != IC_MEETING_UNVERIFIED;
    return !apart && same_text(pin->name, who->name);
}

uint8_t ic_meeting_pins_say(const struct ic_meeting *m, const struct ic_meeting_person *who,
                            struct ic_view names)
{
    uint8_t say = IC_MEETING_PIN_NONE;
    for (size_t i = 0; i < m->pin_count; i++) {
        const struct ic_meeting_pin *pin = &m->pins[i];
        bool key = memcmp(pin->key_hash, who->key_hash, sizeof pin->key_hash) == 0;
        bool person = same_person(pin, who, names);
        if (key && person)
            return IC_MEETING_PIN_MATCH;
        if (key || person)
            say = IC_MEETING_PIN_CHANGED;
    }
    return say;
}

ic_err ic_meeting_pins_copy(struct ic_meeting *m, const struct ic_meeting_pin *pins, size_t count)
{
    struct ic_meeting_pin *copy = NULL;
    if (count > IC_MEETING_PINS_MAX)
        return IC_ERR_LIMIT;
    if (count && !(copy = ic_new_array(count, struct ic_meeting_pin)))
        return IC_ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        copy[i] = pins[i];
    ic_free(m->pins);
    m->pins = copy;
    m->pin_count = count;
    return IC_OK;
}

ic_err ic_meeting_set_pins(struct ic_meeting *m, const struct ic_meeting_pin *pins, size_t count,
                           uint64_t now_ms)
{
    m->now_ms = now_ms;
    IC_TRY(ic_meeting_pins_copy(m, pins, count));
    ic_meeting_identity_judge_all(m, "pin");
    ic_meeting_settle(m);
    return IC_OK;
}

void ic_meeting_pins_tell(struct ic_meeting *m, const struct person *p)
{
    if (p->who.pinned == IC_MEETING_PIN_CHANGED)
        ic_meeting_alert(m, "pin-changed", p->leaf,
                         "You know this name with another key: compare the code before you trust "
                         "who this is.");
}

void ic_meeting_pins_offer(struct ic_meeting *m)
{
    for (size_t i = 0; i < m->person_count; i++) {
        const struct person *p = &m->people[i];
        struct ic_meeting_person who;
        if (p->to != NEVER)
            continue;
        ic_meeting_person_show(m, p, &who);
        if (!who.self && who.pinned != IC_MEETING_PIN_MATCH)
            ic_meeting_new_event(m, IC_MEETING_EV_PIN_OFFER)->person = who;
    }
}
