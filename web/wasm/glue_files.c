/* Files: the keys stay here and in the worker, the bytes go between worker and server (worker/files.ts). A transfer
 * is a number from 0 on. */
#include "glue_files.h"
#include "glue.h"

#include <ic/base/secret.h>
#include <ic/together/file_json.h>
#include <ic/together/kinds.h>
#include <string.h>

enum { TRANSFERS_MAX = 64 };

struct transfer {
    bool used, ended;
    struct ic_together_file f;
    struct ic_together_sealer *sealer; /* exactly one of the two */
    struct ic_together_opener *opener;
};

static struct {
    struct ic_together_files *list;
    struct transfer transfers[TRANSFERS_MAX];
    struct ic_buf grant; /* the server's answer as JSON, with the token */
} files = {.grant = {.max = 4096}};

static struct transfer *find(int h)
{
    return h >= 0 && h < TRANSFERS_MAX && files.transfers[h].used ? &files.transfers[h] : NULL;
}

#define TRANSFER(t, h)                                                                             \
    struct transfer *t = find(h);                                                                  \
    if (!t)                                                                                        \
    return -IC_ERR_NOT_FOUND

ICW_EXPORT int icw_files_drop(int h)
{
    TRANSFER(t, h);
    ic_together_sealer_free(t->sealer);
    ic_together_opener_free(t->opener);
    ic_wipe(t, sizeof *t);
    return 0;
}

void icw_files_close(void)
{
    for (int h = 0; h < TRANSFERS_MAX; h++)
        (void)icw_files_drop(h);
    ic_together_files_free(files.list);
    files.list = NULL;
    ic_buf_clear_secret(&files.grant);
}

/* ---- what the meeting says ---- */

static ic_err keep_grant(const struct ic_wire_files_opened *o)
{
    ic_buf_clear_secret(&files.grant);
    struct ic_json j = ic_json(&files.grant);
    ic_json_object(&j, NULL);
    ic_json_text(&j, "path", o->path);
    ic_json_text(&j, "token", o->token);
    ic_json_uint(&j, "valid_ms", o->valid_ms);
    ic_json_uint(&j, "piece", o->piece);
    ic_json_uint(&j, "file_max", o->file_max);
    ic_json_object_end(&j);
    return ic_json_end(&j);
}

bool icw_files_event(const struct ic_meeting_event *e, uint64_t now_ms, ic_err *err)
{
    if (e->type == IC_MEETING_EV_FILES_OPENED && e->flag)
        IC_IGNORE(keep_grant(&e->files));
    if (!ic_together_file_is_said(e))
        return false;
    *err = files.list ? IC_OK : ic_together_files_new(&files.list);
    if (*err == IC_OK)
        *err = ic_together_file_event_json(e, files.list, now_ms, icw_answer());
    return true;
}

ICW_EXPORT int icw_files_open(double now_ms)
{
    (void)now_ms;
    ICW_MEETING(m);
    return -(int)ic_meeting_files_open(m);
}

/* Where to, and by which right: for the worker alone. */
ICW_EXPORT int icw_files_grant(void)
{
    return icw_done(ic_buf_append(icw_answer(), ic_buf_view(&files.grant)));
}

/* ---- transfers ---- */

static int take_place(void)
{
    for (int h = 0; h < TRANSFERS_MAX; h++)
        if (!files.transfers[h].used)
            return h;
    return -IC_ERR_BUSY;
}

/* The room in holds name and type. piece: what the server takes at once. */
ICW_EXPORT int icw_files_send(int name_len, int type_len, double size, int piece)
{
    struct ic_view rest = icw_given(name_len + type_len);
    struct ic_view name = icw_take(&rest, name_len), type = icw_take(&rest, type_len);
    struct ic_rand rand = icw_rand();
    int h = take_place();
    if (h < 0)
        return h;
    struct transfer *t = &files.transfers[h];
    ic_err e = ic_together_file_new(&rand, name, type, icw_ms(size), &t->f);
    t->f.chunk = (uint32_t)(piece - IC_TOGETHER_FILE_TAG);
    if (e == IC_OK)
        e = ic_together_sealer_new(&t->f, &t->sealer); /* refuses a piece that is none */
    t->used = e == IC_OK;
    return e == IC_OK ? h : -(int)e;
}

static ic_err listed(struct ic_view text, size_t *at)
{
    uint8_t id[IC_TOGETHER_FILE_ID];
    if (!files.list || ic_together_file_id_parse(text, id) != IC_OK)
        return IC_ERR_NOT_FOUND;
    IC_TRY(ic_together_files_find(files.list, id, at));
    return ic_together_files_at(files.list, *at)->gone ? IC_ERR_NOT_FOUND : IC_OK;
}

/* The room in holds the file's id as text. */
ICW_EXPORT int icw_files_get(int id_len)
{
    size_t at;
    ic_err e = listed(icw_given(id_len), &at);
    int h = take_place();
    if (e != IC_OK || h < 0)
        return e != IC_OK ? -(int)e : h;
    struct transfer *t = &files.transfers[h];
    t->f = ic_together_files_at(files.list, at)->file;
    e = ic_together_opener_new(&t->f, &t->opener);
    t->used = e == IC_OK;
    return e == IC_OK ? h : -(int)e;
}

ICW_EXPORT int icw_files_about(int h)
{
    TRANSFER(t, h);
    struct ic_json j = ic_json(icw_answer());
    ic_json_object(&j, NULL);
    ic_together_file_json(&j, &t->f);
    ic_json_uint(&j, "chunk", t->f.chunk);
    ic_json_uint(&j, "chunks", ic_together_file_chunks(&t->f));
    ic_json_uint(&j, "sealed", ic_together_file_sealed_size(&t->f));
    ic_json_object_end(&j);
    return icw_done(ic_json_end(&j));
}

/* For WebCrypto, which seals faster than we do; the caller wipes. */
ICW_EXPORT int icw_files_key(int h)
{
    TRANSFER(t, h);
    return icw_done(ic_buf_append(icw_answer(), IC_VIEW_ARRAY(t->f.key)));
}

/* Nonce and AAD of a chunk, one behind the other. */
ICW_EXPORT int icw_files_bind(int h, double chunk)
{
    TRANSFER(t, h);
    uint8_t *p;
    if (icw_ms(chunk) >= ic_together_file_chunks(&t->f))
        return -IC_ERR_RANGE;
    ic_err e = ic_buf_extend(icw_answer(), IC_TOGETHER_FILE_NONCE + IC_TOGETHER_FILE_AAD, &p);
    if (e != IC_OK)
        return -(int)e;
    ic_together_file_nonce(&t->f, icw_ms(chunk), p);
    ic_together_file_aad(&t->f, icw_ms(chunk), p + IC_TOGETHER_FILE_NONCE);
    return icw_done(IC_OK);
}

/* The next sealed chunk, which WebCrypto made, or opened (ok). */
ICW_EXPORT int icw_files_took(int h, int len, int ok)
{
    TRANSFER(t, h);
    struct ic_view sealed = icw_given(len);
    return -(int)(t->sealer ? ic_together_sealer_took(t->sealer, sealed)
                            : ic_together_opener_took(t->opener, sealed, ok != 0));
}

/* Whether the whole is what was announced. */
ICW_EXPORT int icw_files_whole(int h)
{
    TRANSFER(t, h);
    return -(int)(t->opener ? ic_together_opener_end(t->opener) : IC_ERR_STATE);
}

/* The last thing that was wrong with what came. */
ICW_EXPORT int icw_files_fault(int h)
{
    TRANSFER(t, h);
    uint64_t chunk = 0;
    const char *name =
        t->opener ? ic_together_fault_name(ic_together_opener_fault(t->opener, &chunk)) : "";
    struct ic_json j = ic_json(icw_answer());
    ic_json_object(&j, NULL);
    ic_json_cstr(&j, "why", name);
    ic_json_uint(&j, "chunk", chunk);
    ic_json_object_end(&j);
    return icw_done(ic_json_end(&j));
}

/* Tells everybody. May be asked again where the meeting cannot say it now. */
ICW_EXPORT int icw_files_announce(int h, double now_ms)
{
    ICW_MEETING(m);
    TRANSFER(t, h);
    struct ic_buf body = {.max = 4096};
    ic_err e = t->sealer && !t->ended ? ic_together_sealer_end(t->sealer, t->f.digest) : IC_OK;
    t->ended = t->ended || e == IC_OK;
    if (e == IC_OK)
        e = ic_together_file_encode(&t->f, &body);
    if (e == IC_OK)
        e = ic_meeting_say(m, IC_TOGETHER_FILE, ic_buf_view(&body), false, icw_ms(now_ms), NULL);
    ic_buf_clear_secret(&body);
    return -(int)e;
}

/* The room in holds the file's id as text. Ours, or any for a host. */
ICW_EXPORT int icw_files_withdraw(int id_len, double now_ms)
{
    ICW_MEETING(m);
    struct ic_meeting_person p;
    size_t at;
    IC_BUF_SCOPE(body, 64);
    ic_err e = listed(icw_given(id_len), &at);
    if (e != IC_OK)
        return -(int)e;
    const struct ic_together_files_entry *entry = ic_together_files_at(files.list, at);
    bool may = false;
    for (size_t i = 0; !may && ic_meeting_person(m, i, &p); i++)
        may = p.self && (p.host || memcmp(p.key_hash, entry->by, sizeof p.key_hash) == 0);
    if (!may)
        return -IC_ERR_DENIED;
    e = ic_together_file_gone_encode(entry->file.id, &body);
    if (e == IC_OK)
        e = ic_meeting_say(m, IC_TOGETHER_FILE_WITHDRAWN, ic_buf_view(&body), false, icw_ms(now_ms),
                           NULL);
    return -(int)e;
}
