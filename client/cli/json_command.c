/* Commands as JSON lines on standard input: docs/events.md. */
#include "json_desk.h"
#include "json_files.h"
#include "room.h"
#include "room_identity.h"

#include <ic/base/mem.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* A whole number up to max; what else stands there is told. */
static bool take_number(json_t *o, const char *command, const char *key, uint64_t max,
                        uint64_t *out)
{
    json_t *n = json_object_get(o, key);
    bool ok =
        json_is_integer(n) && json_integer_value(n) >= 0 && (uint64_t)json_integer_value(n) <= max;
    char why[64];
    snprintf(why, sizeof why, "%s must be a whole number", key);
    if (ok)
        *out = (uint64_t)json_integer_value(n);
    else
        icc_json_not_done(command, why);
    return ok;
}
static bool take_bool(json_t *o, const char *command, const char *key, bool *out)
{
    json_t *on = json_object_get(o, key);
    char why[64];
    snprintf(why, sizeof why, "%s must be true or false", key);
    if (json_is_boolean(on))
        *out = json_is_true(on);
    else
        icc_json_not_done(command, why);
    return json_is_boolean(on);
}

static bool take_text(json_t *o, const char *command, const char *key, struct ic_view *out)
{
    json_t *t = json_object_get(o, key);
    char why[64];
    snprintf(why, sizeof why, "%s is missing", key);
    if (json_is_string(t))
        *out = ic_view(json_string_value(t), json_string_length(t));
    else
        icc_json_not_done(command, why);
    return json_is_string(t);
}

/* ---- talk ---- */

/* Leaves whom a line mentions; false where they are none. */
static bool take_leaves(json_t *list, uint32_t *out, size_t *count)
{
    *count = json_array_size(list);
    if (*count > IC_TOGETHER_MENTIONS_MAX || (list && !json_is_array(list)))
        return false;
    for (size_t i = 0; i < *count; i++) {
        json_t *n = json_array_get(list, i);
        if (!json_is_integer(n) || json_integer_value(n) < 0 || json_integer_value(n) > UINT32_MAX)
            return false;
        out[i] = (uint32_t)json_integer_value(n);
    }
    return true;
}

static void do_chat(struct icc_room *r, json_t *o)
{
    struct ic_together_say s = {.everybody = json_is_true(json_object_get(o, "everybody"))};
    uint32_t leaves[IC_TOGETHER_MENTIONS_MAX];
    if (!take_text(o, "chat", "text", &s.text) ||
        (json_object_get(o, "reply") && !take_number(o, "chat", "reply", INT64_MAX, &s.reply)))
        return;
    s.leaves = leaves;
    if (take_leaves(json_object_get(o, "mentions"), leaves, &s.leaf_count))
        icc_room_say(r, &s);
    else
        icc_json_not_done("chat", "mentions must be leaves, at most 16");
}

static void do_mark(struct icc_room *r, json_t *o)
{
    uint64_t seq;
    struct ic_view sign;
    bool put = true;
    if (take_number(o, "mark", "seq", INT64_MAX, &seq) && take_text(o, "mark", "sign", &sign) &&
        (!json_object_get(o, "put") || take_bool(o, "mark", "put", &put)))
        icc_room_mark(r, seq, sign, put);
}

static void do_react(struct icc_room *r, json_t *o)
{
    struct ic_view sign;
    if (take_text(o, "react", "sign", &sign))
        icc_room_react(r, sign);
}

static void do_hand(struct icc_room *r, json_t *o)
{
    bool up;
    if (take_bool(o, "hand", "up", &up))
        icc_room_hand(r, up);
}

static void do_mute(struct icc_room *r, json_t *o)
{
    uint64_t leaf;
    if (take_number(o, "mute", "leaf", UINT32_MAX - 1, &leaf))
        icc_room_ask_mute(r, (uint32_t)leaf);
}

static void do_mute_all(struct icc_room *r, json_t *o)
{
    (void)o;
    icc_room_ask_mute(r, IC_TOGETHER_ALL);
}

static void do_microphone(struct icc_room *r, json_t *o)
{
    bool on;
    if (take_bool(o, "microphone", "on", &on))
        icc_room_microphone(r, on);
}

static void do_camera(struct icc_room *r, json_t *o)
{
    bool on;
    if (take_bool(o, "camera", "on", &on))
        icc_room_camera(r, on);
}

static void do_roster(struct icc_room *r, json_t *o)
{
    (void)o;
    icc_room_look(r, ICC_LOOK_ROSTER);
}

static void do_shield(struct icc_room *r, json_t *o)
{
    (void)o;
    icc_room_look(r, ICC_LOOK_SHIELD);
}

/* ---- the room ---- */

static void do_admit(struct icc_room *r, json_t *o)
{
    uint64_t knock;
    if (take_number(o, "admit", "knock", INT64_MAX, &knock))
        icc_room_admit(r, knock);
}
static void do_refuse(struct icc_room *r, json_t *o)
{
    uint64_t knock;
    if (take_number(o, "refuse", "knock", INT64_MAX, &knock))
        icc_room_refuse(r, knock);
}
static void do_remove(struct icc_room *r, json_t *o)
{
    uint64_t leaf;
    if (take_number(o, "remove", "leaf", UINT32_MAX, &leaf))
        icc_room_remove(r, (uint32_t)leaf);
}
static void do_lock(struct icc_room *r, json_t *o)
{
    bool on;
    if (take_bool(o, "lock", "on", &on))
        icc_room_lock(r, on);
}
static void do_host(struct icc_room *r, json_t *o)
{
    uint64_t leaf;
    if (take_number(o, "host", "leaf", UINT32_MAX, &leaf))
        icc_room_name_host(r, (uint32_t)leaf);
}
static void do_update(struct icc_room *r, json_t *o)
{
    (void)o;
    icc_room_update_keys(r);
}
static void do_certificate(struct icc_room *r, json_t *o)
{
    struct ic_buf text;
    uint64_t leaf;
    if (!take_number(o, "certificate", "leaf", UINT32_MAX, &leaf))
        return;
    ic_buf_init(&text, 1 << 20);
    ic_err e = icc_room_certificate(r, (uint32_t)leaf, &text);
    if (e != IC_OK)
        icc_json_not_done("certificate", ic_err_text(e));
    icc_json_print(&text, e);
}
static void do_compared(struct icc_room *r, json_t *o)
{
    (void)o;
    icc_room_compared(r);
}
static void do_pin(struct icc_room *r, json_t *o)
{
    (void)o;
    icc_room_pin(r);
}
static void do_renew(struct icc_room *r, json_t *o)
{
    (void)o;
    icc_room_renew(r);
}
static void do_leave(struct icc_room *r, json_t *o)
{
    (void)o;
    icc_room_leave(r);
}
static void do_end(struct icc_room *r, json_t *o)
{
    (void)o;
    icc_room_end(r);
}

void icc_json_command(struct icc_room *room, struct ic_view line)
{
    static const struct {
        const char *name;
        void (*run)(struct icc_room *r, json_t *o);
    } commands[] = {{"chat", do_chat},     {"mark", do_mark},
                    {"react", do_react},   {"hand", do_hand},
                    {"mute", do_mute},     {"mute_all", do_mute_all},
                    {"camera", do_camera}, {"microphone", do_microphone},
                    {"roster", do_roster}, {"shield", do_shield},
                    {"admit", do_admit},   {"refuse", do_refuse},
                    {"remove", do_remove}, {"lock", do_lock},
                    {"host", do_host},     {"update", do_update},
                    {"leave", do_leave},   {"compared", do_compared},
                    {"end", do_end},       {"certificate", do_certificate},
                    {"pin", do_pin},       {"renew", do_renew}};
    if (line.len == 0)
        return;
    json_t *o = json_loadb((const char *)line.p, line.len, JSON_REJECT_DUPLICATES, NULL);
    const char *name = json_string_value(json_object_get(o, "do"));
    const char *why = NULL;
    size_t i = 0;
    while (name && i < IC_ARRAY_LEN(commands) && strcmp(commands[i].name, name) != 0)
        i++;
    if (name && i < IC_ARRAY_LEN(commands))
        commands[i].run(room, o);
    else if (name &&
             (icc_json_files_do(room, name, o, &why) || icc_json_desk_do(room, name, o, &why))) {
        if (why)
            icc_json_not_done(name, why);
    } else
        icc_json_not_done(name ? name : "", "no such command: see docs/events.md");
    json_decref(o);
}
