#include "terminal_files.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMMAND_MAX = 1024, PERCENT_STEP = 25 };

/* "2.1 MB": as people say it. */
static void size_words(uint64_t bytes, char out[32])
{
    static const char *const units[] = {"kB", "MB", "GB"};
    double n = (double)bytes / 1000;
    size_t u = 0;
    if (bytes < 1000) {
        snprintf(out, 32, "%u bytes", (unsigned)bytes);
        return;
    }
    for (; n >= 999.5 && u + 1 < IC_ARRAY_LEN(units); u++)
        n /= 1000;
    snprintf(out, 32, n < 10 ? "%.1f %s" : "%.0f %s", n, units[u]);
}

static unsigned percent(const struct icc_files_event *e)
{
    return e->file->size ? (unsigned)(e->done * 100 / e->file->size) : 100;
}

static size_t number_of(const struct icc_terminal *t, const struct ic_together_file *file)
{
    const struct ic_together_file *f;
    for (size_t n = 1; (f = icc_files_numbered(icc_room_files(t->room), n)); n++)
        if (memcmp(f->id, file->id, sizeof f->id) == 0)
            return n;
    return 0;
}

void icc_terminal_files(void *self, const struct icc_files_event *e)
{
    struct icc_terminal *t = self;
    const char *name = e->file->name, *way = e->sending ? "Sending" : "Getting";
    char size[32];
    size_words(e->file->size, size);
    switch (e->type) {
    case ICC_FILES_SHARED:
        if (e->person->self)
            break;
        icc_terminal_say(t, "%s shares %s (%s): /get %zu", e->person->name, name, size,
                         number_of(t, e->file));
        break;
    case ICC_FILES_WITHDRAWN:
        icc_terminal_say(t, "%s withdrew %s.", e->person->self ? "You" : e->person->name, name);
        break;
    case ICC_FILES_PROGRESS:
        if (percent(e) / PERCENT_STEP != t->file_percent / PERCENT_STEP && percent(e) < 100)
            icc_terminal_say(t, "%s %s: %u %% of %s", way, name, percent(e), size);
        t->file_percent = percent(e);
        break;
    case ICC_FILES_PAUSED:
        icc_terminal_say(t, "%s %s waits%s.", way, name,
                         strcmp(e->why, "asked") == 0 ? "" : " for the connection");
        break;
    case ICC_FILES_SENT:
        icc_terminal_say(t, "You share %s (%s).", name, size);
        break;
    case ICC_FILES_GOT:
        icc_terminal_say(t, "Saved: %s", e->path);
        break;
    case ICC_FILES_FAILED:
        icc_terminal_say(t, "%s %s ended: %s. Nothing of it was kept.", way, name, e->text);
        break;
    case ICC_FILES_LISTED:
        icc_terminal_say(t, "%zu  %s (%s)", number_of(t, e->file), name, size);
        break;
    }
    if (t->tty)
        icc_screen_draw(t);
}

static ic_err numbered(struct icc_terminal *t, const char *verb, unsigned long n, const char *path)
{
    struct icc_files *files = icc_room_files(t->room);
    const struct ic_together_file *f = icc_files_numbered(files, n);
    char id[IC_TOGETHER_FILE_ID_TEXT + 1];
    if (!f)
        return IC_ERR_NOT_FOUND;
    ic_together_file_id_text(f->id, id);
    struct ic_view v = ic_view_cstr(id);
    return strcmp(verb, "/get") == 0      ? icc_files_get(files, v, path)
           : strcmp(verb, "/pause") == 0  ? icc_files_pause(files, v)
           : strcmp(verb, "/resume") == 0 ? icc_files_resume(files, v)
           : strcmp(verb, "/cancel") == 0 ? icc_files_cancel(files, v)
                                          : icc_files_withdraw(files, v);
}

bool icc_terminal_file_command(struct icc_terminal *t, struct ic_view line)
{
    static const char *const verbs[] = {"/get", "/pause", "/resume", "/cancel", "/withdraw"};
    char text[COMMAND_MAX + 1];
    if (line.len == 0 || line.p[0] != '/' || line.len > COMMAND_MAX)
        return false;
    memcpy(text, line.p, line.len);
    text[line.len] = 0;
    char *rest = strchr(text, ' ');
    if (rest)
        *rest++ = 0;
    ic_err e = IC_ERR_ARG;
    bool ours = false;
    if (strcmp(text, "/files") == 0) {
        icc_files_list(icc_room_files(t->room));
        return true;
    }
    if (strcmp(text, "/send") == 0) {
        ours = true;
        e = rest ? icc_files_send(icc_room_files(t->room), rest) : IC_ERR_ARG;
    }
    for (size_t i = 0; !ours && i < IC_ARRAY_LEN(verbs); i++) {
        char *end = rest;
        ours = strcmp(text, verbs[i]) == 0;
        unsigned long n = ours && rest ? strtoul(rest, &end, 10) : 0;
        if (ours)
            e = numbered(t, verbs[i], n, end && *end == ' ' ? end + 1 : NULL);
    }
    if (ours && e != IC_OK)
        icc_terminal_say(t, "Not done (%s): %s.", text + 1, icc_files_words(e));
    return ours;
}
