/* Whom this device knows from earlier meetings: a known name with another key is not taken for the person. */
#include "internal.h"
#include <ic/base/mem.h>
#include <string.h>

static bool same_text(const char *a, const char *b)
{
    return a[0] && strcmp(a, b) == 0;
}

/* Names are not unique: where both sides have an address, and an authority vouches for the newcomer's, the address
 * alone says whether they claim to be the same person. */
static bool same_person(const struct ic_meeting_pin *pin, const struct ic_meeting_person *who)
{
    if (pin->address[0] && who->address[0] && who->identity != IC_MEETING_UNVERIFIED)
        return same_text(pin->address, who->address);
    return same_text(pin->name, who->name) || same_text(pin->address, who->address);
}

uint8_t ic_meeting_pins_say(const struct ic_meeting *m, const struct ic_meeting_person *who)
{
    uint8_t say = IC_MEETING_PIN_NONE;
    for (size_t i = 0; i < m->pin_count; i++) {
        const struct ic_meeting_pin *pin = &m->pins[i];
        bool key = memcmp(pin->key_hash, who->key_hash, sizeof pin->key_hash) == 0;
        bool person = same_person(pin, who);
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
