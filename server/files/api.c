/* HTTP requests about files: judged, and made a plan of. */
#include "files/private.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)

struct call {
    struct icd_core *core;
    const struct icd_files_call *request;
    struct icd_asker asker;
    struct ic_view group;
    struct ic_view file; /* its id as text */
    struct icd_files_plan *plan;
    struct ic_buf *body;
};

/* A file as its row has it. */
struct row {
    uint64_t size;
    bool done, ours;
};

/* ---- answers ---- */

static void say(struct icd_files_plan *plan, struct ic_buf *body, int status, const char *text)
{
    plan->act = ICD_FILES_ANSWER;
    plan->status = status;
    ic_buf_reset(body);
    if (ic_buf_append(body, ic_view_cstr(text)) != IC_OK)
        plan->status = 500;
}

static void fail(struct icd_files_plan *plan, struct ic_buf *body, int status, const char *code,
                 const char *text)
{
    char line[200];
    snprintf(line, sizeof line, "{\"error\":\"%s\",\"text\":\"%s\"}", code, text);
    say(plan, body, status, line);
}

static void fail_err(struct icd_files_plan *plan, struct ic_buf *body, ic_err e)
{
    if (e == IC_ERR_NOT_FOUND)
        fail(plan, body, 404, "not-found", "there is no such file");
    else if (e == IC_ERR_LIMIT)
        fail(plan, body, 507, "full", "the server's disk is full");
    else
        fail(plan, body, 500, "server", "the server could not do this");
}

static void say_have(struct icd_files_plan *plan, struct ic_buf *body, int status, uint64_t size,
                     uint64_t have, const char *error)
{
    char line[120];
    snprintf(line, sizeof line, "{%s%s%s\"size\":%llu,\"have\":%llu}", error ? "\"error\":\"" : "",
             error ? error : "", error ? "\"," : "", (unsigned long long)size,
             (unsigned long long)have);
    say(plan, body, status, line);
}

/* ---- rows ---- */

static ic_err read_row(const struct call *c, struct row *out)
{
    struct icd_rows rows;
    IC_TRY(icd_store_query(c->core->store,
                           "SELECT size, done, owner FROM files WHERE group_id = $1 AND file = $2",
                           &rows, ICD_PARAMS(ICD_BLOB(c->group), ICD_TEXT(c->file))));
    bool found = icd_rows_next(&rows);
    if (found) {
        out->size = (uint64_t)icd_rows_int(&rows, 0);
        out->done = icd_rows_int(&rows, 1) != 0;
        out->ours = ic_view_equal(icd_rows_bytes(&rows, 2),
                                  ic_view(c->asker.grant->key, c->asker.grant->key_len));
    }
    IC_TRY(icd_rows_end(&rows));
    return found ? IC_OK : IC_ERR_NOT_FOUND;
}

static struct icd_upload *upload_of(const struct call *c)
{
    return ic_map_get(&c->core->files->uploads, icd_files_place_key(&c->plan->place));
}

/* A file that is not whole yet: from memory, else as the disk has it. What an interrupted write left
 * beyond a whole piece is written again. */
static ic_err load_upload(const struct call *c, const struct row *row, struct icd_upload **out)
{
    const struct icd_disk *disk = c->core->config.disk;
    uint64_t len;
    *out = upload_of(c);
    if (*out)
        return IC_OK;
    IC_TRY(disk->ops->length(disk->self, &c->plan->place, &len));
    struct icd_upload *u = ic_new(struct icd_upload);
    if (!u)
        return IC_ERR_NOMEM;
    *u = (struct icd_upload){.number = icd_core_next_number(c->core),
                             .place = c->plan->place,
                             .group_len = c->group.len,
                             .size = row->size,
                             .have = len - len % ICD_FILES_PIECE};
    memcpy(u->group, c->group.p, c->group.len);
    if (u->have > u->size)
        u->have = 0;
    ic_err e = ic_map_put(&c->core->files->uploads, icd_files_place_key(&u->place), u);
    if (e != IC_OK) {
        ic_free(u);
        return e;
    }
    *out = u;
    return IC_OK;
}

static ic_err sum(const struct call *c, int64_t *files, int64_t *bytes)
{
    IC_TRY(icd_store_int(c->core->store, "SELECT COUNT(*) FROM files WHERE group_id = $1", files,
                         ICD_PARAMS(ICD_BLOB(c->group))));
    return icd_store_int(c->core->store,
                         "SELECT COALESCE(SUM(size), 0) FROM files WHERE group_id = $1", bytes,
                         ICD_PARAMS(ICD_BLOB(c->group)));
}

/* What is asked for in "name=123", the query's only part. */
static bool query_number(struct ic_view query, const char *name, uint64_t *out)
{
    size_t n = strlen(name);
    uint64_t value = 0;
    if (query.len <= n || query.len > n + 15 || memcmp(query.p, name, n) != 0)
        return false;
    for (size_t i = n; i < query.len; i++) {
        if (query.p[i] < '0' || query.p[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(query.p[i] - '0');
    }
    *out = value;
    return true;
}

/* ---- the requests ---- */

static bool within_quota(struct call *c, uint64_t size)
{
    const struct icd_limits *l = &c->core->limits;
    int64_t files = 0, bytes = 0;
    ic_err e = sum(c, &files, &bytes);
    if (e != IC_OK)
        fail_err(c->plan, c->body, IC_ERR_IO);
    else if (size > l->file_mib * MIB)
        fail(c->plan, c->body, 413, "too-long", "the file is larger than this server takes");
    else if ((uint64_t)files >= l->files_per_meeting)
        fail(c->plan, c->body, 429, "limit", "this meeting has too many files");
    else if ((uint64_t)bytes + size > l->files_mib_per_meeting * MIB)
        fail(c->plan, c->body, 429, "limit", "the files of this meeting are too large together");
    else
        return true;
    return false;
}

static ic_err insert(struct call *c, uint64_t size)
{
    const struct icd_disk *disk = c->core->config.disk;
    const struct icd_grant *g = c->asker.grant;
    IC_TRY(icd_write_begin(c->core));
    ic_err e = icd_store_exec(c->core->store,
                              "INSERT INTO files(group_id, file, owner, size, done, created_ms)"
                              " VALUES($1, $2, $3, $4, 0, $5)",
                              NULL,
                              ICD_PARAMS(ICD_BLOB(c->group), ICD_TEXT(c->file),
                                         ICD_BLOB(ic_view(g->key, g->key_len)), ICD_INT(size),
                                         ICD_INT(c->core->now_ms)));
    if (e == IC_OK) {
        disk->ops->drop(disk->self, &c->plan->place); /* what a failed flush may have left */
        e = disk->ops->make(disk->self, &c->plan->place);
    }
    if (e != IC_OK)
        icd_write_undo(c->core);
    return e;
}

/* POST ?size=N: begins, or tells how far it is. */
static void begin(struct call *c)
{
    uint64_t size;
    struct row row;
    struct icd_upload *u;
    if (!query_number(c->request->query, "size=", &size) || size == 0) {
        fail(c->plan, c->body, 400, "invalid", "size, in bytes, is needed");
        return;
    }
    ic_err e = read_row(c, &row);
    if (e == IC_ERR_NOT_FOUND) {
        if (!within_quota(c, size))
            return;
        e = insert(c, size);
        if (e == IC_OK)
            say_have(c->plan, c->body, 201, size, 0, NULL);
        else
            fail_err(c->plan, c->body, e);
        return;
    }
    if (e == IC_OK && (!row.ours || row.size != size)) {
        fail(c->plan, c->body, 409, "exists", "another file has this id");
        return;
    }
    if (e == IC_OK && row.done) {
        say_have(c->plan, c->body, 200, row.size, row.size, NULL);
        return;
    }
    if (e == IC_OK)
        e = load_upload(c, &row, &u);
    if (e == IC_OK)
        say_have(c->plan, c->body, 200, row.size, u->have, NULL);
    else
        fail_err(c->plan, c->body, e);
}

/* PUT ?at=N: the next piece. Any other place answers how far it is. */
static void put(struct call *c)
{
    uint64_t at;
    struct row row;
    struct icd_upload *u;
    if (!query_number(c->request->query, "at=", &at)) {
        fail(c->plan, c->body, 400, "invalid", "at, the place in bytes, is needed");
        return;
    }
    ic_err e = read_row(c, &row);
    if (e == IC_OK && !row.ours)
        e = IC_ERR_NOT_FOUND;
    if (e == IC_OK && row.done) {
        say_have(c->plan, c->body, 409, row.size, row.size, "at");
        return;
    }
    if (e == IC_OK)
        e = load_upload(c, &row, &u);
    if (e != IC_OK) {
        fail_err(c->plan, c->body, e);
        return;
    }
    uint64_t left = u->size - u->have, want = left < ICD_FILES_PIECE ? left : ICD_FILES_PIECE;
    if (u->busy)
        fail(c->plan, c->body, 409, "busy", "the piece before is being written");
    else if (at != u->have)
        say_have(c->plan, c->body, 409, u->size, u->have, "at");
    else if (c->request->body_len != want)
        fail(c->plan, c->body, 400, "invalid", "a piece has 262144 bytes, the last one the rest");
    else {
        u->busy = true;
        c->plan->act = ICD_FILES_WRITE;
        c->plan->at = at;
        c->plan->len = want;
        c->plan->total = u->size;
        c->plan->upload = u->number;
    }
}

static bool digits(struct ic_view *v, uint64_t *out)
{
    size_t n = 0;
    *out = 0;
    while (n < v->len && n < 15 && v->p[n] >= '0' && v->p[n] <= '9')
        *out = *out * 10 + (uint64_t)(v->p[n++] - '0');
    *v = ic_view_sub(*v, n, v->len - n);
    return n > 0;
}

/* RFC 9110 section 14.2: "bytes=from-to" or "bytes=from-"; another form is passed over, as it allows.
 * False where nothing of the file is in it. */
static bool take_range(struct ic_view v, struct icd_files_plan *plan)
{
    static const char unit[] = "bytes=";
    uint64_t from, to;
    if (v.len < sizeof unit || memcmp(v.p, unit, sizeof unit - 1) != 0)
        return true;
    v = ic_view_sub(v, sizeof unit - 1, v.len - (sizeof unit - 1));
    if (!digits(&v, &from) || v.len == 0 || v.p[0] != '-')
        return true;
    v = ic_view_sub(v, 1, v.len - 1);
    if (v.len == 0)
        to = plan->total - 1;
    else if (!digits(&v, &to) || v.len || to < from)
        return true;
    if (from >= plan->total)
        return false;
    if (to >= plan->total)
        to = plan->total - 1;
    plan->at = from;
    plan->len = to - from + 1;
    plan->status = 206;
    return true;
}

static void get(struct call *c)
{
    struct row row;
    ic_err e = read_row(c, &row);
    if (e == IC_OK && !row.done)
        e = IC_ERR_NOT_FOUND; /* nobody sees a part of it */
    if (e != IC_OK) {
        fail_err(c->plan, c->body, e);
        return;
    }
    c->plan->act = ICD_FILES_READ;
    c->plan->status = 200;
    c->plan->len = c->plan->total = row.size;
    if (!take_range(c->request->range, c->plan))
        fail(c->plan, c->body, 416, "range", "the file is not that long");
}

static void forget(struct icd_core *core, const struct icd_disk_place *place)
{
    struct icd_upload *u = ic_map_remove(&core->files->uploads, icd_files_place_key(place));
    ic_free(u);
    core->config.disk->ops->drop(core->config.disk->self, place);
}

static void withdraw(struct call *c)
{
    struct row row;
    ic_err e = read_row(c, &row);
    if (e == IC_OK && !row.ours && !c->asker.host) {
        fail(c->plan, c->body, 403, "denied", "only who shared it, or a host, may do this");
        return;
    }
    if (e == IC_OK)
        e = icd_write_begin(c->core);
    if (e == IC_OK)
        e = icd_store_exec(c->core->store, "DELETE FROM files WHERE group_id = $1 AND file = $2",
                           NULL, ICD_PARAMS(ICD_BLOB(c->group), ICD_TEXT(c->file)));
    if (e != IC_OK) {
        icd_write_undo(c->core);
        fail_err(c->plan, c->body, e);
        return;
    }
    forget(c->core, &c->plan->place);
    c->plan->status = 204;
}

static bool is_id(struct ic_view v)
{
    bool ok = v.len == ICD_DISK_FILE_LEN;
    for (size_t i = 0; ok && i < v.len; i++)
        ok = (v.p[i] >= '0' && v.p[i] <= '9') || (v.p[i] >= 'a' && v.p[i] <= 'z') ||
             (v.p[i] >= 'A' && v.p[i] <= 'Z') || v.p[i] == '-' || v.p[i] == '_';
    return ok;
}

static void route(struct call *c)
{
    static const struct {
        const char *method;
        void (*run)(struct call *c);
    } rows[] = {{"POST", begin}, {"PUT", put}, {"GET", get}, {"DELETE", withdraw}};
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        if (ic_view_equal(c->request->method, ic_view_cstr(rows[i].method))) {
            rows[i].run(c);
            return;
        }
    }
    fail(c->plan, c->body, 405, "method", "POST, PUT, GET or DELETE");
}

static bool may(struct call *c)
{
    uint32_t rate = c->core->limits.file_requests_per_s;
    size_t n = sizeof ICD_FILES_PATH;
    struct ic_view path = c->request->path;
    if (!c->core->files || !c->core->config.disk ||
        icd_files_asker(c->core, c->request->token, &c->asker) != IC_OK) {
        fail(c->plan, c->body, 401, "denied", "a member's token is needed");
        return false;
    }
    if (!icd_bucket_take(&c->asker.grant->requests, rate, 1000, rate * ICD_BURST_S,
                         c->core->now_ms)) {
        fail(c->plan, c->body, 429, "limit", "too many requests");
        return false;
    }
    c->file = path.len > n ? ic_view_sub(path, n, path.len - n) : ic_view(NULL, 0);
    if (path.len <= n || path.p[n - 1] != '/' || !is_id(c->file)) {
        fail(c->plan, c->body, 404, "not-found", "there is no such file");
        return false;
    }
    c->group = icd_group_id(c->asker.room->group);
    memcpy(c->plan->place.session, c->asker.session, sizeof c->asker.session);
    memcpy(c->plan->place.file, c->file.p, c->file.len);
    return true;
}

void icd_files_call(struct icd_core *core, const struct icd_files_call *request,
                    struct icd_files_plan *plan, struct ic_buf *body)
{
    struct call c = {.core = core, .request = request, .plan = plan, .body = body};
    uint64_t failures = core->stats.failed_flushes;
    *plan = (struct icd_files_plan){.act = ICD_FILES_ANSWER, .status = 500};
    core->wrote = false;
    if (request->now_ms > core->now_ms)
        core->now_ms = request->now_ms;
    if (may(&c))
        route(&c);
    if (plan->act != ICD_FILES_ANSWER)
        return;
    icd_core_flush(core);
    if (core->stats.failed_flushes != failures)
        fail_err(plan, body, IC_ERR_IO);
}

static ic_err whole(struct icd_core *core, const struct icd_upload *u)
{
    uint64_t failures = core->stats.failed_flushes, changed = 0;
    core->wrote = false;
    IC_TRY(icd_write_begin(core));
    ic_err e = icd_store_exec(
        core->store, "UPDATE files SET done = 1 WHERE group_id = $1 AND file = $2", &changed,
        ICD_PARAMS(ICD_BLOB(ic_view(u->group, u->group_len)),
                   ICD_TEXT(ic_view_cstr(u->place.file))));
    if (e != IC_OK || changed != 1) {
        icd_write_undo(core);
        return e != IC_OK ? e : IC_ERR_NOT_FOUND;
    }
    icd_core_flush(core);
    return core->stats.failed_flushes == failures ? IC_OK : IC_ERR_IO;
}

void icd_files_written(struct icd_core *core, struct icd_files_plan *plan, ic_err e,
                       struct ic_buf *body)
{
    struct ic_view key = icd_files_place_key(&plan->place);
    struct icd_upload *u = ic_map_get(&core->files->uploads, key);
    if (!u || u->number != plan->upload) {
        /* Withdrawn meanwhile, or the session is over: what was written has no name any more. */
        fail_err(plan, body, IC_ERR_NOT_FOUND);
        return;
    }
    u->busy = false;
    if (e == IC_OK)
        u->have = plan->at + plan->len;
    if (e == IC_OK && u->have == u->size) {
        e = whole(core, u);
        u = ic_map_remove(&core->files->uploads, key); /* a failed flush has forgotten it */
        ic_free(u);
    }
    if (e == IC_OK)
        say_have(plan, body, 200, plan->total, plan->at + plan->len, NULL);
    else
        fail_err(plan, body, e);
}
