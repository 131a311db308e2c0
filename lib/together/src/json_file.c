#include <ic/together/file_json.h>
#include <ic/together/kinds.h>

bool ic_together_file_is_said(const struct ic_meeting_event *e)
{
    return e->type == IC_MEETING_EV_SAID &&
           (e->kind == IC_TOGETHER_FILE || e->kind == IC_TOGETHER_FILE_WITHDRAWN);
}

void ic_together_file_json(struct ic_json *j, const struct ic_together_file *f)
{
    char id[IC_TOGETHER_FILE_ID_TEXT + 1];
    ic_together_file_id_text(f->id, id);
    ic_json_cstr(j, "file", id);
    ic_json_cstr(j, "name", f->name);
    ic_json_cstr(j, "type", f->type);
    ic_json_uint(j, "size", f->size);
}

ic_err ic_together_file_event_json(const struct ic_meeting_event *e,
                                   struct ic_together_files *files, uint64_t time_ms,
                                   struct ic_buf *out)
{
    size_t at;
    IC_TRY(ic_together_files_said(files, e->kind, ic_buf_view(&e->text), e->person.key_hash,
                                  e->person.host, &at));
    const struct ic_together_files_entry *entry = ic_together_files_at(files, at);
    struct ic_json j = ic_meeting_json_open(entry->gone ? "file_withdrawn" : "file", time_ms, out);
    ic_json_uint(&j, "seq", e->number);
    ic_meeting_json_person(&j, "person", &e->person);
    ic_together_file_json(&j, &entry->file);
    return ic_meeting_json_close(&j);
}
