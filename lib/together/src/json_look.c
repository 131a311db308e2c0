/* What a program may ask for at any time: who is there, and how safe it is. */
#include <ic/base/mem.h>
#include <ic/meeting/json.h>
#include <ic/together/json.h>

static void write_row(struct ic_json *j, const struct ic_meeting_person *who,
                      const struct ic_together_talk *t)
{
    struct ic_together_status s = {0};
    bool told = ic_together_talk_status_of(t, who->leaf, &s);
    ic_json_object(j, NULL);
    ic_meeting_json_person(j, "person", who);
    ic_json_bool(j, "told", told);
    ic_json_bool(j, "microphone", s.microphone);
    ic_json_bool(j, "camera", s.camera);
    ic_json_bool(j, "sharing", s.sharing);
    ic_json_bool(j, "recording", s.recording);
    ic_json_uint(j, "hand", s.hand_ms);
    ic_json_object_end(j);
}

ic_err ic_together_roster_json(const struct ic_meeting *m, const struct ic_together_talk *t,
                               uint64_t time_ms, struct ic_buf *out)
{
    struct ic_meeting_person who;
    struct ic_json j = ic_meeting_json_open("roster", time_ms, out);
    ic_json_array(&j, "people");
    for (size_t i = 0; ic_meeting_person(m, i, &who); i++)
        write_row(&j, &who, t);
    ic_json_array_end(&j);
    return ic_meeting_json_close(&j);
}

ic_err ic_together_shield_json(const struct ic_meeting *m, uint64_t time_ms, struct ic_buf *out)
{
    struct ic_meeting_person who;
    char code[IC_MEETING_CODE_LEN + 1] = "";
    size_t devices = 0;
    while (ic_meeting_person(m, devices, &who))
        devices++;
    if (!ic_meeting_code(m, code))
        code[0] = '\0';
    struct ic_json j = ic_meeting_json_open("shield", time_ms, out);
    ic_json_cstr(&j, "state", ic_meeting_state_name(ic_meeting_state(m)));
    ic_json_cstr(&j, "words", ic_meeting_state_words(ic_meeting_state(m)));
    ic_json_cstr(&j, "code", code);
    ic_json_uint(&j, "epoch", code[0] ? ic_meeting_epoch(m) : 0);
    ic_json_uint(&j, "devices", devices);
    ic_json_cstr(&j, "suite", ic_meeting_suite_name(m));
    if (ic_meeting_committer(m, &who))
        ic_meeting_json_person(&j, "committer", &who);
    return ic_meeting_json_close(&j);
}
