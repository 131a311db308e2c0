#include "json_files.h"

#include "base/clock.h"

#include <ic/base/mem.h>
#include <ic/together/file_json.h>
#include <string.h>

/* ---- events ---- */

static const char *event_name(enum icc_files_event_type type)
{
    static const char *const names[] = {
        [ICC_FILES_PROGRESS] = "file_progress", [ICC_FILES_PAUSED] = "file_paused",
        [ICC_FILES_SENT] = "file_sent",         [ICC_FILES_GOT] = "file_got",
        [ICC_FILES_FAILED] = "file_failed",     [ICC_FILES_LISTED] = "file_listed",
    };
    return names[type];
}

ic_err icc_json_files_line(const struct icc_files_event *e, struct ic_buf *out)
{
    if (e->type == ICC_FILES_SHARED || e->type == ICC_FILES_WITHDRAWN)
        return ic_buf_append(out, e->line);
    struct ic_json j = ic_meeting_json_open(event_name(e->type), icc_now_ms(), out);
    ic_together_file_json(&j, e->file);
    if (e->type != ICC_FILES_LISTED) {
        ic_json_bool(&j, "sending", e->sending);
        ic_json_uint(&j, "done", e->done);
    }
    if (e->type == ICC_FILES_GOT)
        ic_json_text(&j, "path", ic_view_cstr(e->path));
    if (e->why)
        ic_json_cstr(&j, "why", e->why);
    if (e->why && strcmp(e->why, "bad-chunk") == 0)
        ic_json_uint(&j, "chunk", e->chunk);
    if (e->text)
        ic_json_text(&j, "text", ic_view_cstr(e->text));
    return ic_meeting_json_close(&j);
}

/* ---- commands ---- */

static struct ic_view id_of(const json_t *o)
{
    return ic_view_cstr(json_string_value(json_object_get(o, "file")));
}

static ic_err do_send(struct icc_files *f, const json_t *o)
{
    const char *path = json_string_value(json_object_get(o, "path"));
    return path ? icc_files_send(f, path) : IC_ERR_ARG;
}

static ic_err do_get(struct icc_files *f, const json_t *o)
{
    return icc_files_get(f, id_of(o), json_string_value(json_object_get(o, "path")));
}

static ic_err do_pause(struct icc_files *f, const json_t *o)
{
    return icc_files_pause(f, id_of(o));
}

static ic_err do_resume(struct icc_files *f, const json_t *o)
{
    return icc_files_resume(f, id_of(o));
}

static ic_err do_cancel(struct icc_files *f, const json_t *o)
{
    return icc_files_cancel(f, id_of(o));
}

static ic_err do_withdraw(struct icc_files *f, const json_t *o)
{
    return icc_files_withdraw(f, id_of(o));
}

static ic_err do_list(struct icc_files *f, const json_t *o)
{
    (void)o;
    icc_files_list(f);
    return IC_OK;
}

bool icc_json_files_do(struct icc_room *room, const char *name, const json_t *o, const char **why)
{
    static const struct {
        const char *name;
        ic_err (*run)(struct icc_files *f, const json_t *o);
    } rows[] = {{"file_send", do_send},     {"file_get", do_get},
                {"file_pause", do_pause},   {"file_resume", do_resume},
                {"file_cancel", do_cancel}, {"file_withdraw", do_withdraw},
                {"file_list", do_list}};
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].name, name) != 0)
            continue;
        *why = icc_files_words(rows[i].run(icc_room_files(room), o));
        return true;
    }
    return false;
}
