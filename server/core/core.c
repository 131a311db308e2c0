#include "core/group.h"

#include <assert.h>
#include <ic/base/mem.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CONNS_MAX = 1 << 20, ROOMS_MAX = 1 << 18 };

void icd_limits_default(struct icd_limits *out)
{
    *out = (struct icd_limits){
        .max_frame = 4 << 20,
        .max_frame_stranger = 64 << 10,
        .frames_per_s = 200,
        .enters_per_connection = 8,
        .numbers_per_min = 10,
        .knocks_per_meeting = 200,
        .knocks_per_min = 60,
        .members_per_meeting = 1000,
        .connections_per_meeting = 1200,
        .meetings_per_org = 10000,
        .log_bytes_per_group = 256 << 20,
        .proposals_per_epoch = 256,
        .away_ms = 45000,
        .empty_ms = 600000,
        .hello_ms = 15000,
        .over_keep_s = 86400,
        .ping_ms = 20000,
        .file_mib = 2049,
        .files_mib_per_meeting = 8192,
        .files_per_meeting = 500,
        .file_requests_per_s = 200,
        .file_token_s = 600,
    };
}

static struct ic_view id_key(const uint64_t *id)
{
    return ic_view(id, sizeof *id);
}

static struct icd_conn *conn_of(const struct icd_core *core, uint64_t id)
{
    return ic_map_get(&core->conns, id_key(&id));
}

ic_err icd_core_new(const struct icd_core_config *config, uint64_t now_ms, struct icd_core **out)
{
    struct icd_core *core = ic_new(struct icd_core);
    if (!core)
        return IC_ERR_NOMEM;
    core->config = *config;
    core->limits = config->limits;
    core->store = config->store;
    core->now_ms = now_ms;
    core->deadline_ms = now_ms; /* the first tick looks for what a former run left */
    uint64_t seed[3];
    icd_outbox_init(&core->outbox);
    ic_err e = ic_rand_fill(&config->rand, (uint8_t *)seed, sizeof seed);
    ic_map_init(&core->conns, CONNS_MAX, seed);
    ic_map_init(&core->rooms, ROOMS_MAX, seed);
    ic_map_init(&core->sessions, CONNS_MAX, seed);
    /* Numbers of rooms and sessions begin anywhere, so that those of two runs are not mistaken. */
    core->next_number = seed[2] >> 8;
    if (e == IC_OK && (!icd_limiter_init(&core->numbers, core->limits.numbers_per_min, seed) ||
                       !icd_limiter_init(&core->knocks, core->limits.knocks_per_min, seed)))
        e = IC_ERR_NOMEM;
    if (e != IC_OK) {
        icd_core_free(core);
        return e;
    }
    *out = core;
    return IC_OK;
}

static void conn_free(struct icd_core *core, struct icd_conn *c)
{
    ic_map_remove(&core->conns, id_key(&c->id));
    ic_buf_clear(&c->key_package);
    ic_buf_clear(&c->proof);
    ic_free(c);
}

static void conns_free(struct icd_core *core)
{
    size_t it = 0;
    struct ic_view key;
    void *value;
    while (ic_map_next(&core->conns, &it, &key, &value)) {
        conn_free(core, value);
        it = 0; /* the map may have moved its entries */
    }
}

void icd_core_free(struct icd_core *core)
{
    if (!core)
        return;
    if (icd_store_in_transaction(core->store))
        icd_store_rollback(core->store);
    for (size_t i = 0; i < core->hook_count; i++)
        if (core->hooks[i]->end)
            core->hooks[i]->end(core);
    icd_rooms_forget(core);
    icd_group_forget_keys(core);
    conns_free(core);
    ic_map_clear(&core->conns);
    ic_map_clear(&core->rooms);
    ic_map_clear(&core->sessions);
    icd_outbox_clear(&core->outbox);
    icd_limiter_clear(&core->numbers);
    icd_limiter_clear(&core->knocks);
    ic_free(core);
}

void icd_core_on(struct icd_core *core, uint16_t type, enum icd_need need, icd_handler *fn)
{
    assert(type < ICD_TYPES && !core->routes[type].fn);
    core->routes[type] = (struct icd_route){fn, need};
}

void icd_core_hook(struct icd_core *core, const struct icd_hooks *hooks)
{
    assert(core->hook_count < ICD_HOOKS_MAX);
    core->hooks[core->hook_count++] = hooks;
}

void icd_core_wake_at(struct icd_core *core, uint64_t t_ms)
{
    if (t_ms < core->deadline_ms)
        core->deadline_ms = t_ms;
}

uint64_t icd_core_next_number(struct icd_core *core)
{
    return ++core->next_number;
}

void icd_core_log(struct icd_core *core, enum icd_log_level level, const char *event,
                  const char *format, ...)
{
    if (!core->config.log)
        return;
    char fields[256];
    va_list args;
    va_start(args, format);
    vsnprintf(fields, sizeof fields, format, args);
    va_end(args);
    core->config.log(core->config.ctx, level, event, fields);
}

static void clock_to(struct icd_core *core, uint64_t now_ms)
{
    if (now_ms > core->now_ms)
        core->now_ms = now_ms;
}

ic_err icd_core_open(struct icd_core *core, uint64_t conn, struct ic_view address, uint64_t now_ms)
{
    assert(conn != 0 && (address.len == 4 || address.len == 16));
    clock_to(core, now_ms);
    struct icd_conn *c = ic_new(struct icd_conn);
    if (!c)
        return IC_ERR_NOMEM;
    *c = (struct icd_conn){.id = conn, .opened_ms = core->now_ms, .leaf = IC_MLSPUB_NO_LEAF};
    if (address.len == 4) {
        c->address[10] = c->address[11] = 0xff;
        memcpy(c->address + 12, address.p, 4);
    } else {
        memcpy(c->address, address.p, 16);
    }
    ic_buf_init(&c->key_package, core->limits.max_frame_stranger);
    ic_buf_init(&c->proof, IC_WIRE_KEY_MAX);
    icd_bucket_init(&c->frames, core->limits.frames_per_s * ICD_BURST_S, core->now_ms);
    ic_err e = ic_rand_fill(&core->config.rand, c->nonce, sizeof c->nonce);
    if (e == IC_OK)
        e = ic_map_put(&core->conns, id_key(&c->id), c);
    if (e != IC_OK) {
        ic_buf_clear(&c->key_package);
        ic_buf_clear(&c->proof);
        ic_free(c);
        return e;
    }
    icd_core_wake_at(core, core->now_ms + core->limits.hello_ms);
    core->stats.connections++;
    return IC_OK;
}

void icd_core_close(struct icd_core *core, uint64_t conn, uint64_t now_ms)
{
    clock_to(core, now_ms);
    struct icd_conn *c = conn_of(core, conn);
    if (!c)
        return;
    icd_room_detach(core, c);
    conn_free(core, c);
    core->stats.connections--;
}

void icd_core_refuse(struct icd_core *core, uint64_t conn, uint16_t code, const char *text,
                     uint64_t now_ms)
{
    clock_to(core, now_ms);
    struct icd_conn *c = conn_of(core, conn);
    if (c)
        icd_conn_kick(core, c, code, text);
}

size_t icd_core_frame_max(const struct icd_core *core, uint64_t conn)
{
    const struct icd_conn *c = conn_of(core, conn);
    bool known = c && c->room && (c->role != IC_WIRE_STRANGER || c->leaf != IC_MLSPUB_NO_LEAF);
    return known ? core->limits.max_frame : core->limits.max_frame_stranger;
}

/* ---- one frame ---- */

/* Why a connection may not send this type now, or 0. */
static uint16_t missing(const struct icd_conn *c, enum icd_need need, const char **text)
{
    *text = "say hello first";
    if (need >= ICD_NEED_HELLO && !c->hello)
        return IC_WIRE_E_STATE;
    *text = "enter a meeting first";
    if (need >= ICD_NEED_ENTERED && (!c->room || c->key_len == 0))
        return IC_WIRE_E_STATE;
    *text = "only a member of the group may do this";
    if (need == ICD_NEED_LEAF && !icd_conn_in_group(c))
        return IC_WIRE_E_DENIED;
    *text = "only a host may do this";
    if (need == ICD_NEED_HOST && c->role != IC_WIRE_HOST)
        return IC_WIRE_E_DENIED;
    return 0;
}

static void dispatch(struct icd_core *core, struct icd_conn *c, const struct ic_wire_frame *f)
{
    const struct icd_route *route = f->type < ICD_TYPES ? &core->routes[f->type] : NULL;
    const char *text;
    if (!route || !route->fn) {
        icd_reply_error(core, c, f->request, IC_WIRE_E_UNSUPPORTED, "unknown frame type");
        return;
    }
    uint16_t code = missing(c, route->need, &text);
    if (code) {
        icd_reply_error(core, c, f->request, code, text);
        return;
    }
    c->answered = false;
    core->wrote = false;
    route->fn(core, c, f);
    /* Every request has exactly one answer, whatever went wrong. */
    if (!c->answered && !c->closing)
        icd_reply_error(core, c, f->request, IC_WIRE_E_SERVER, "the server could not do this");
}

void icd_core_frame(struct icd_core *core, uint64_t conn, struct ic_view bytes, uint64_t now_ms)
{
    clock_to(core, now_ms);
    struct icd_conn *c = conn_of(core, conn);
    if (!c || c->closing)
        return;
    core->stats.frames_in++;
    uint32_t rate = core->limits.frames_per_s;
    if (!icd_bucket_take(&c->frames, rate, 1000, rate * ICD_BURST_S, core->now_ms)) {
        icd_conn_kick(core, c, IC_WIRE_E_LIMIT, "too many frames");
        return;
    }
    if (bytes.len > icd_core_frame_max(core, conn)) {
        icd_conn_kick(core, c, IC_WIRE_E_LIMIT, "the frame is too long");
        return;
    }
    struct ic_wire_frame f;
    ic_err e = ic_wire_decode(bytes, &f);
    if (e == IC_ERR_UNSUPPORTED) {
        icd_reply_error(core, c, f.request, IC_WIRE_E_UNSUPPORTED, "unknown frame type");
        return;
    }
    if (e != IC_OK) {
        icd_conn_kick(core, c, IC_WIRE_E_MALFORMED, ic_err_text(e));
        return;
    }
    if (f.request == 0) {
        icd_conn_kick(core, c, IC_WIRE_E_MALFORMED, "a request needs a number");
        return;
    }
    dispatch(core, c, &f);
}

/* ---- time ---- */

static void tick_conns(struct icd_core *core)
{
    size_t it = 0;
    struct ic_view key;
    void *value;
    while (ic_map_next(&core->conns, &it, &key, &value)) {
        struct icd_conn *c = value;
        if (c->room || c->closing)
            continue;
        uint64_t end = c->opened_ms + core->limits.hello_ms;
        if (core->now_ms >= end)
            icd_conn_kick(core, c, IC_WIRE_E_LIMIT, "nobody entered a meeting in time");
        else
            icd_core_wake_at(core, end);
    }
}

static void tick_rooms(struct icd_core *core)
{
    for (struct icd_room *r = core->first_room, *next; r; r = next) {
        next = r->next;
        if (!r->group || !r->empty_since_ms)
            continue;
        uint64_t end = r->empty_since_ms + core->limits.empty_ms;
        if (core->now_ms < end) {
            icd_core_wake_at(core, end);
        } else if (icd_room_end_session(core, r, "nobody was here any more", false) == IC_OK) {
            icd_room_release(core, r);
        } else {
            icd_core_wake_at(core, core->now_ms + 1000);
        }
    }
}

void icd_core_tick(struct icd_core *core, uint64_t now_ms)
{
    clock_to(core, now_ms);
    core->deadline_ms = UINT64_MAX;
    core->wrote = false;
    if (!core->loaded) {
        core->loaded = icd_rooms_load_sessions(core) == IC_OK;
        if (!core->loaded)
            icd_core_wake_at(core, core->now_ms + 1000);
    }
    tick_conns(core);
    tick_rooms(core);
    for (size_t i = 0; i < core->hook_count; i++)
        if (core->hooks[i]->tick)
            core->hooks[i]->tick(core);
}

uint64_t icd_core_deadline_ms(const struct icd_core *core)
{
    return core->deadline_ms;
}

/* ---- durability, then sending ---- */

ic_err icd_write_begin(struct icd_core *core)
{
    if (!icd_store_in_transaction(core->store))
        IC_TRY(icd_store_begin(core->store));
    IC_TRY(icd_store_mark(core->store));
    core->wrote = true;
    return IC_OK;
}

void icd_write_undo(struct icd_core *core)
{
    if (!core->wrote)
        return;
    core->wrote = false;
    /* What cannot be undone must not be committed with the rest of the flush. */
    if (icd_store_undo(core->store) != IC_OK) {
        icd_store_rollback(core->store);
        core->store_broken = true;
    }
}

/* The store refused: nothing of this flush is true. Memory is dropped and read again on demand. */
static void flush_failed(struct icd_core *core)
{
    core->stats.failed_flushes++;
    icd_core_log(core, ICD_LOG_ERROR, "store_failed", "connections=%zu", core->conns.count);
    icd_outbox_reset(&core->outbox);
    size_t it = 0;
    struct ic_view key;
    void *value;
    while (ic_map_next(&core->conns, &it, &key, &value)) {
        struct icd_conn *c = value;
        c->closing = false;
        icd_conn_kick(core, c, IC_WIRE_E_SERVER, "the server could not store; come back");
    }
    icd_rooms_forget(core);
    icd_group_forget_keys(core);
    core->loaded = false;
    icd_core_wake_at(core, core->now_ms);
}

static void deliver(struct icd_core *core, const struct icd_outbox *o)
{
    for (size_t i = 0; i < o->count; i++) {
        const struct icd_outbox_entry *e = &o->entries[i];
        const uint64_t *conns = o->conns + e->conns_at;
        if (e->bytes_len) {
            core->stats.frames_out += e->conns_count;
            core->config.send(core->config.ctx, conns, e->conns_count,
                              ic_view_sub(ic_buf_view(&o->bytes), e->bytes_at, e->bytes_len));
        } else if (conn_of(core, conns[0])) {
            core->config.close(core->config.ctx, conns[0]);
            icd_core_close(core, conns[0], core->now_ms);
        }
    }
}

void icd_core_flush(struct icd_core *core)
{
    /* A close may make others go on (presence), whose frames need a turn and a transaction more. */
    do {
        bool broken = core->store_broken;
        core->store_broken = false;
        if (icd_store_in_transaction(core->store)) {
            core->stats.flushes++;
            broken = icd_store_commit(core->store) != IC_OK || broken;
        }
        if (broken)
            flush_failed(core);
        else if (core->session_ended)
            icd_store_tidy(core->store);
        for (size_t i = 0; (broken || core->session_ended) && i < core->hook_count; i++)
            if (core->hooks[i]->flushed)
                core->hooks[i]->flushed(core, !broken);
        core->session_ended = false;
        struct icd_outbox full = core->outbox;
        icd_outbox_init(&core->outbox);
        deliver(core, &full);
        if (core->outbox.count == 0 && core->outbox.conn_cap == 0) {
            icd_outbox_reset(&full); /* the usual case: its memory serves again */
            core->outbox = full;
        } else {
            icd_outbox_clear(&full);
        }
    } while (core->outbox.count || icd_store_in_transaction(core->store));
}

void icd_core_drain(struct icd_core *core, uint32_t after_ms)
{
    core->draining = true;
    size_t it = 0;
    struct ic_view key;
    void *value;
    while (ic_map_next(&core->conns, &it, &key, &value)) {
        struct ic_wire_frame f = {.type = IC_WIRE_DRAINING, .draining = {.after_ms = after_ms}};
        icd_send(core, value, &f);
    }
}

void icd_core_stats(const struct icd_core *core, struct icd_core_stats *out)
{
    *out = core->stats;
    for (const struct icd_room *r = core->first_room; r; r = r->next) {
        out->rooms++;
        out->waiting += r->knocks;
        for (const struct icd_conn *c = r->first; c; c = c->next)
            out->members += icd_conn_in_group(c);
    }
}
