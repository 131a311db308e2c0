#include "core/group.h"
#include "lobby/private.h"

#include <ic/mlspub/label.h>
#include <ic/rules/rules.h>
#include <stdio.h>

/* How many members are told of a knock where terms admit and no host is here. */
enum { DOORKEEPERS = 3 };

static bool host_here(const struct icd_room *room)
{
    for (const struct icd_conn *c = room->first; c; c = c->next)
        if (icd_conn_is_host(c) && !c->closing)
            return true;
    return false;
}

/* Some knocks need no host's decision: the terms admit, or name the knocker as a host, and any member may
 * commit the Add. */
static bool terms_admit(const struct icd_conn *knocker)
{
    struct ic_wire_terms terms;
    if (icd_room_terms(knocker->room, &terms) != IC_OK)
        return false;
    return terms.admission != IC_WIRE_HOST_ADMITS ||
           ic_wire_list_has(terms.hosts, icd_conn_key(knocker));
}

/* Then a few hear of it where no host does: those with the lowest leaves, so the same ones each time. */
static bool is_doorkeeper(const struct icd_conn *c)
{
    unsigned below = 0;
    for (const struct icd_conn *o = c->room->first; o; o = o->next)
        below += icd_conn_in_group(o) && o->leaf < c->leaf;
    return icd_conn_in_group(c) && below < DOORKEEPERS;
}

static bool is_told(const struct icd_conn *c, const struct icd_conn *knocker)
{
    if (icd_conn_is_host(c))
        return true;
    return icd_conn_in_group(c) && !host_here(c->room) && terms_admit(knocker) && is_doorkeeper(c);
}

static void tell(struct icd_core *core, const struct icd_conn *knocker, struct ic_wire_frame *f)
{
    for (struct icd_conn *c = knocker->room->first; c; c = c->next)
        if (c != knocker && is_told(c, knocker))
            icd_send(core, c, f);
}

static struct ic_wire_frame knocked(const struct icd_conn *c)
{
    return (struct ic_wire_frame){.type = IC_WIRE_KNOCKED,
                                  .knocked = {.knock = c->knock,
                                              .key_package = ic_buf_view(&c->key_package),
                                              .proof = ic_buf_view(&c->proof)}};
}

void icd_lobby_show(struct icd_core *core, struct icd_conn *c)
{
    if (c->room->knocks == 0)
        return;
    for (const struct icd_conn *o = c->room->first; o; o = o->next) {
        if (o->knock && !o->closing && is_told(c, o)) {
            struct ic_wire_frame f = knocked(o);
            icd_send(core, c, &f);
        }
    }
}

void icd_lobby_gone(struct icd_core *core, struct icd_conn *c, uint8_t why)
{
    if (!c->knock)
        return;
    struct ic_wire_frame f = {.type = IC_WIRE_KNOCK_GONE,
                              .knock_gone = {.knock = c->knock, .why = why}};
    tell(core, c, &f);
    c->knock = 0;
    c->room->knocks--;
    ic_buf_clear(&c->key_package);
    ic_buf_clear(&c->proof);
}

void icd_lobby_host_left(struct icd_core *core, struct icd_conn *host)
{
    host->role = IC_WIRE_MEMBER;
    if (host->room->knocks == 0 || host_here(host->room))
        return;
    for (struct icd_conn *c = host->room->first; c; c = c->next)
        if (c != host)
            icd_lobby_show(core, c);
}

/* ---- the knock ---- */

/* 0, or why nobody needs to be asked: enum ic_wire_refusal. */
static uint8_t refusal(struct icd_core *core, const struct icd_conn *c,
                       const struct ic_wire_terms *terms, const struct ic_mlspub_key_package *k)
{
    if (k->suite != terms->suite)
        return IC_WIRE_REFUSED_SUITE;
    if (terms->locked && !ic_wire_list_has(terms->hosts, icd_conn_key(c)))
        return IC_WIRE_REFUSED_LOCKED;
    if (c->room->knocks >= core->limits.knocks_per_meeting)
        return IC_WIRE_REFUSED_FULL;
    return 0;
}

/* NULL, or what is wrong with it. k borrows from the frame. */
static const char *key_package_fault(const struct icd_conn *c, struct ic_view bytes,
                                     struct ic_arena *arena, struct ic_mlspub_key_package *k)
{
    struct ic_mlspub_message m;
    if (ic_mlspub_message_decode(bytes, arena, &m) != IC_OK)
        return "the key package is malformed";
    if (m.wire_format != IC_MLS_KEY_PACKAGE)
        return "this is no key package";
    const struct ic_suite *s = ic_suite_find(m.key_package.suite);
    if (!s)
        return "the key package's suite is unknown";
    if (!ic_view_equal(m.key_package.leaf.signature_key, icd_conn_key(c)))
        return "the key package is not of the key that entered";
    if (ic_mlspub_key_package_verify(s, &m.key_package) != IC_OK)
        return "the key package's signature does not verify";
    *k = m.key_package;
    return NULL;
}

/* Whom the terms keep out however a host decides is told at once: NULL, or the rule and what is lacking. */
static const char *not_verified(const struct icd_core *core, const struct ic_wire_terms *terms,
                                const struct ic_mlspub_key_package *k, char text[64])
{
    struct ic_rules_standing s;
    if (!ic_rules_verified_only(terms) ||
        ic_rules_standing(terms, &k->leaf, core->now_ms, &s) != IC_OK || s.verified)
        return NULL;
    snprintf(text, 64, "add-not-verified: %s", s.reason);
    return text;
}

static ic_err keep(struct icd_conn *c, const struct ic_wire_knock *knock)
{
    ic_buf_reset(&c->key_package);
    ic_buf_reset(&c->proof);
    IC_TRY(ic_buf_append(&c->key_package, knock->key_package));
    return ic_buf_append(&c->proof, knock->proof);
}

static void refuse(struct icd_core *core, struct icd_conn *c, uint8_t why)
{
    struct ic_wire_frame f = {.type = IC_WIRE_REFUSED, .refused = {.why = why}};
    icd_send(core, c, &f);
}

void icd_lobby_on_knock(struct icd_core *core, struct icd_conn *c, const struct ic_wire_frame *f)
{
    struct icd_room *room = c->room;
    struct ic_wire_terms terms;
    if (!room->group || icd_conn_in_group(c) || icd_room_terms(room, &terms) != IC_OK) {
        icd_reply_error(core, c, f->request, IC_WIRE_E_STATE,
                        room->group ? "you are a member" : "nobody has opened the meeting");
        return;
    }
    if (!icd_limiter_take(&core->knocks, c->address, core->now_ms)) {
        icd_reply_error(core, c, f->request, IC_WIRE_E_LIMIT, "too many knocks; wait a minute");
        return;
    }
    IC_ARENA_SCOPE(arena, 1 << 20);
    struct ic_mlspub_key_package k;
    char text[64];
    const char *fault = key_package_fault(c, f->knock.key_package, &arena, &k);
    if (!fault)
        fault = not_verified(core, &terms, &k, text);
    if (fault) {
        icd_reply_error(core, c, f->request, IC_WIRE_E_INVALID, fault);
        return;
    }
    icd_lobby_gone(core, c, IC_WIRE_GONE_LEFT); /* a second knock is in place of the first */
    uint8_t why = refusal(core, c, &terms, &k);
    if (keep(c, &f->knock) != IC_OK) {
        icd_reply_error(core, c, f->request, IC_WIRE_E_LIMIT, "the key package is too long");
        return;
    }
    uint64_t id = ++room->next_knock;
    icd_reply_ok(core, c, f->request, id);
    if (why) {
        refuse(core, c, why);
        return;
    }
    c->knock = id;
    room->knocks++;
    struct ic_wire_frame event = knocked(c);
    tell(core, c, &event);
}

void icd_lobby_on_refuse(struct icd_core *core, struct icd_conn *c, const struct ic_wire_frame *f)
{
    struct icd_conn *knocker = icd_room_find_knock(c->room, f->refuse.knock);
    if (!knocker) {
        icd_reply_error(core, c, f->request, IC_WIRE_E_NOT_FOUND, "nobody waits under this number");
        return;
    }
    uint8_t why = f->refuse.why ? f->refuse.why : IC_WIRE_REFUSED_BY_HOST;
    refuse(core, knocker, why);
    icd_lobby_gone(core, knocker, IC_WIRE_GONE_REFUSED);
    icd_reply_ok(core, c, f->request, f->refuse.knock);
}
