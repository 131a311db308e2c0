#include "files/private.h"

#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <ic/base/text.h>
#include <string.h>

enum { GRANTS_MAX = 1 << 20, PURGE_MS = 60000, TOKEN_BYTES = 32, ENDED_MAX = 16 << 20 };
#define MIB (UINT64_C(1) << 20)

void icd_files_session_name(struct ic_view group_id, char out[ICD_DISK_SESSION_LEN + 1])
{
    uint8_t hash[IC_HASH_MAX];
    ic_hash_once(IC_SHA256, group_id, hash);
    ic_hex_encode(ic_view(hash, ICD_DISK_SESSION_LEN / 2), out);
}

/* ---- grants ---- */

struct member_key {
    uint8_t bytes[ICD_MEETING_ID_LEN + IC_SIG_PUBLIC_MAX];
    size_t len;
};

static struct ic_view member_key(struct member_key *room, const uint8_t *meeting,
                                 struct ic_view key)
{
    memcpy(room->bytes, meeting, ICD_MEETING_ID_LEN);
    memcpy(room->bytes + ICD_MEETING_ID_LEN, key.p, key.len);
    return ic_view(room->bytes, ICD_MEETING_ID_LEN + key.len);
}

static struct ic_view token_of(const struct icd_grant *g)
{
    return ic_view(g->token, ICD_FILES_TOKEN_LEN);
}

static void grant_drop(struct icd_files *f, struct icd_grant *g)
{
    struct member_key room;
    ic_map_remove(&f->by_token, token_of(g));
    ic_map_remove(&f->by_member, member_key(&room, g->meeting, ic_view(g->key, g->key_len)));
    ic_free_secret(g, sizeof *g);
}

/* all: whoever they are; else those whose time is over. */
static void grants_drop(struct icd_files *f, uint64_t now_ms, bool all)
{
    size_t it = 0;
    struct ic_view key;
    void *value;
    while (ic_map_next(&f->by_token, &it, &key, &value)) {
        struct icd_grant *g = value;
        if (!all && now_ms < g->until_ms)
            continue;
        grant_drop(f, g);
        it = 0; /* the map may have moved its entries */
    }
}

static ic_err grant_new(struct icd_core *core, const struct icd_conn *c, struct icd_grant **out)
{
    struct icd_files *f = core->files;
    uint8_t bytes[TOKEN_BYTES];
    struct member_key room;
    IC_TRY(ic_rand_fill(&core->config.rand, bytes, sizeof bytes));
    struct icd_grant *g = ic_new(struct icd_grant);
    if (!g)
        return IC_ERR_NOMEM;
    memcpy(g->meeting, c->room->id, sizeof g->meeting);
    memcpy(g->key, c->key, c->key_len);
    g->key_len = c->key_len;
    ic_base64_encode(IC_BASE64_URL, IC_VIEW_ARRAY(bytes), g->token);
    ic_wipe(bytes, sizeof bytes);
    icd_bucket_init(&g->requests, core->limits.file_requests_per_s * ICD_BURST_S, core->now_ms);
    ic_err e = ic_map_put(&f->by_member, member_key(&room, g->meeting, icd_conn_key(c)), g);
    if (e == IC_OK)
        e = ic_map_put(&f->by_token, token_of(g), g);
    if (e != IC_OK) {
        ic_map_remove(&f->by_member, member_key(&room, g->meeting, icd_conn_key(c)));
        ic_free_secret(g, sizeof *g);
        return e;
    }
    *out = g;
    return IC_OK;
}

static void purge(struct icd_core *core)
{
    struct icd_files *f = core->files;
    if (core->now_ms < f->next_purge_ms)
        return;
    f->next_purge_ms = core->now_ms + PURGE_MS;
    grants_drop(f, core->now_ms, false);
}

static void on_open(struct icd_core *core, struct icd_conn *c, const struct ic_wire_frame *f)
{
    struct member_key room;
    if (!core->config.disk || core->limits.files_mib_per_meeting == 0) {
        icd_reply_error(core, c, f->request, IC_WIRE_E_UNSUPPORTED, "this server keeps no files");
        return;
    }
    purge(core);
    struct icd_grant *g =
        ic_map_get(&core->files->by_member, member_key(&room, c->room->id, icd_conn_key(c)));
    if (!g && grant_new(core, c, &g) != IC_OK)
        return; /* answered as the server's trouble */
    uint32_t valid_ms = core->limits.file_token_s * 1000;
    g->until_ms = core->now_ms + valid_ms;
    struct ic_wire_frame answer = {.type = IC_WIRE_FILES_OPENED,
                                   .files_opened = {.path = IC_VIEW_STR(ICD_FILES_PATH),
                                                    .token = token_of(g),
                                                    .valid_ms = valid_ms,
                                                    .piece = ICD_FILES_PIECE,
                                                    .file_max = core->limits.file_mib * MIB}};
    icd_reply(core, c, f->request, &answer);
}

static struct icd_grant *find(struct icd_core *core, struct ic_view token)
{
    struct icd_grant *g =
        token.len == ICD_FILES_TOKEN_LEN ? ic_map_get(&core->files->by_token, token) : NULL;
    return g && core->now_ms < g->until_ms ? g : NULL;
}

bool icd_files_knows(struct icd_core *core, struct ic_view token)
{
    return find(core, token) != NULL;
}

/* Who was removed is no member at the next request, whatever the token's time. */
ic_err icd_files_asker(struct icd_core *core, struct ic_view token, struct icd_asker *out)
{
    struct icd_grant *g = find(core, token);
    struct icd_room *room = g ? icd_room_loaded(core, IC_VIEW_ARRAY(g->meeting)) : NULL;
    struct ic_wire_terms terms;
    if (!room || !room->group)
        return IC_ERR_DENIED;
    struct ic_view key = ic_view(g->key, g->key_len);
    if (ic_mlspub_observer_find(room->group->observer, key) == IC_MLSPUB_NO_LEAF)
        return IC_ERR_DENIED;
    out->grant = g;
    out->room = room;
    out->host = icd_room_terms(room, &terms) == IC_OK && ic_wire_list_has(terms.hosts, key);
    icd_files_session_name(icd_group_id(room->group), out->session);
    return IC_OK;
}

/* ---- what others do ---- */

static void uploads_drop(struct icd_files *f, const char *session)
{
    size_t it = 0;
    struct ic_view key;
    void *value;
    while (ic_map_next(&f->uploads, &it, &key, &value)) {
        struct icd_upload *u = value;
        if (session && strcmp(u->place.session, session) != 0)
            continue;
        ic_map_remove(&f->uploads, icd_files_place_key(&u->place));
        ic_free(u);
        it = 0;
    }
}

/* The rows go with the transaction; what is on the disk goes when that is durable. */
static void session_end(struct icd_core *core, struct icd_room *room)
{
    char session[ICD_DISK_SESSION_LEN + 1];
    if (!room->group || !core->config.disk)
        return;
    icd_files_session_name(icd_group_id(room->group), session);
    uploads_drop(core->files, session);
    if (ic_buf_append(&core->files->ended, ic_view(session, ICD_DISK_SESSION_LEN)) != IC_OK)
        core->store_broken = true; /* nothing may stay behind: the session ends another time */
}

static void flushed(struct icd_core *core, bool durable)
{
    struct icd_files *f = core->files;
    char session[ICD_DISK_SESSION_LEN + 1] = "";
    for (size_t at = 0; durable && at < f->ended.len; at += ICD_DISK_SESSION_LEN) {
        memcpy(session, f->ended.p + at, ICD_DISK_SESSION_LEN);
        core->config.disk->ops->drop_session(core->config.disk->self, session);
    }
    ic_buf_reset(&f->ended);
    if (!durable)
        uploads_drop(f, NULL); /* read again from store and disk */
}

static void end(struct icd_core *core)
{
    struct icd_files *f = core->files;
    grants_drop(f, 0, true);
    uploads_drop(f, NULL);
    ic_map_clear(&f->by_token);
    ic_map_clear(&f->by_member);
    ic_map_clear(&f->uploads);
    ic_buf_clear(&f->ended);
    ic_free(f);
    core->files = NULL;
}

/* ---- what a former run left ---- */

static bool keep(void *ctx, const char *session, const char *file)
{
    struct icd_core *core = ctx;
    struct icd_rows rows;
    bool found = false;
    /* An error keeps: nothing goes because the store cannot be read. */
    if (icd_store_query(core->store, "SELECT group_id FROM groups", &rows, ICD_NO_PARAMS) != IC_OK)
        return true;
    while (!found && icd_rows_next(&rows)) {
        char name[ICD_DISK_SESSION_LEN + 1];
        int64_t one;
        struct ic_view id = icd_rows_bytes(&rows, 0);
        icd_files_session_name(id, name);
        if (strcmp(name, session) != 0)
            continue;
        found = !file ||
                icd_store_int(core->store, "SELECT 1 FROM files WHERE group_id = $1 AND file = $2",
                              &one, ICD_PARAMS(ICD_BLOB(id), ICD_TEXT(ic_view_cstr(file)))) !=
                    IC_ERR_NOT_FOUND;
    }
    return icd_rows_end(&rows) != IC_OK || found;
}

static const struct icd_hooks hooks = {.session_end = session_end, .flushed = flushed, .end = end};

void icd_files_register(struct icd_core *core)
{
    static const uint64_t fallback[2] = {0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9};
    uint64_t seed[2];
    core->files = ic_new(struct icd_files);
    if (!core->files)
        return; /* then FILES_OPEN is unknown here */
    if (ic_rand_fill(&core->config.rand, (uint8_t *)seed, sizeof seed) != IC_OK)
        memcpy(seed, fallback, sizeof seed);
    ic_map_init(&core->files->by_token, GRANTS_MAX, seed);
    ic_map_init(&core->files->by_member, GRANTS_MAX, seed);
    ic_map_init(&core->files->uploads, GRANTS_MAX, seed);
    ic_buf_init(&core->files->ended, ENDED_MAX);
    icd_core_on(core, IC_WIRE_FILES_OPEN, ICD_NEED_LEAF, on_open);
    icd_core_hook(core, &hooks);
    if (core->config.disk)
        core->config.disk->ops->sweep(core->config.disk->self, keep, core);
}
