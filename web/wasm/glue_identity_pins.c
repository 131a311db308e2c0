/* Pins (worker/contacts.ts): people who were compared by code and then remembered. */
#include "glue_pins.h"

#include <string.h>

static struct {
    struct ic_meeting_pin *all;
    size_t count;
} pins;

const struct ic_meeting_pin *icw_pinned(void)
{
    return pins.all;
}

size_t icw_pin_count(void)
{
    return pins.count;
}

static bool read_text(struct ic_view *rest, char *out)
{
    struct ic_view n = icw_take(rest, 1);
    struct ic_view text = icw_take(rest, n.len ? n.p[0] : 0);
    if (n.len == 0 || text.len != n.p[0] || text.len > IC_MEETING_NAME_MAX)
        return false;
    memcpy(out, text.p, text.len);
    out[text.len] = 0;
    return true;
}

static bool read_one(struct ic_view *rest, struct ic_meeting_pin *out)
{
    memset(out, 0, sizeof *out);
    if (!read_text(rest, out->name) || !read_text(rest, out->address))
        return false;
    struct ic_view hash = icw_take(rest, sizeof out->key_hash);
    if (hash.len != sizeof out->key_hash)
        return false;
    memcpy(out->key_hash, hash.p, hash.len);
    return true;
}

static size_t count(struct ic_view rest)
{
    struct ic_meeting_pin p;
    size_t n = 0;
    while (rest.len && read_one(&rest, &p))
        n++;
    return n;
}

/* All of them, in place of those before: each length and bytes of name and address, then 32 bytes. */
ICW_EXPORT int icw_pins(int len, double now_ms)
{
    struct ic_view rest = icw_given(len);
    size_t n = count(rest);
    struct ic_meeting_pin *all = n ? ic_new_array(n, struct ic_meeting_pin) : NULL;
    if (n && !all)
        return -IC_ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        read_one(&rest, &all[i]);
    ic_free(pins.all);
    pins.all = all;
    pins.count = n;
    return icw.meeting ? -(int)ic_meeting_set_pins(icw.meeting, all, n, icw_ms(now_ms)) : 0;
}
