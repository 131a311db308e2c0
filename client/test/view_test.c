/* What a person reads beside the shield, and what a program may write to a view. The room is a record of
 * what it was asked for. */
#include "cli/room_desk.h"
#include "cli/room_identity.h"
#include "cli/terminal.h"
#include "cli/terminal_files.h"

#include <ic/base/test.h>
#include <stdio.h>
#include <string.h>

static char asked[256];

static void note(const char *what, unsigned long long n)
{
    size_t used = strlen(asked);
    snprintf(asked + used, sizeof asked - used, "%s %llu;", what, n);
}

void icc_room_say(struct icc_room *r, const struct ic_together_say *s)
{
    (void)r;
    note("chat", s->text.len);
    if (s->reply)
        note("reply", s->reply);
    for (size_t i = 0; i < s->leaf_count; i++)
        note("to", s->leaves[i]);
    if (s->everybody)
        note("everybody", 0);
}
void icc_room_mark(struct icc_room *r, uint64_t seq, struct ic_view sign, bool put)
{
    (void)r;
    note(put ? "mark" : "unmark", seq * 10 + sign.len);
}
void icc_room_react(struct icc_room *r, struct ic_view sign)
{
    (void)r;
    note("react", sign.len);
}
void icc_room_hand(struct icc_room *r, bool up)
{
    (void)r;
    note("hand", up);
}
void icc_room_ask_mute(struct icc_room *r, uint32_t leaf)
{
    (void)r;
    note("quiet", leaf);
}
void icc_room_microphone(struct icc_room *r, bool on)
{
    (void)r;
    note("microphone", on);
}
void icc_room_camera(struct icc_room *r, bool on)
{
    (void)r;
    note("camera", on);
}
void icc_room_look(struct icc_room *r, enum icc_look what)
{
    (void)r;
    note("look", what);
}
void icc_room_pin(struct icc_room *r)
{
    (void)r;
    note("pin", 0);
}
void icc_room_renew(struct icc_room *r)
{
    (void)r;
    note("renew", 0);
}
void icc_room_admit(struct icc_room *r, uint64_t knock)
{
    (void)r;
    note("admit", knock);
}
void icc_room_refuse(struct icc_room *r, uint64_t knock)
{
    (void)r;
    note("refuse", knock);
}
void icc_room_remove(struct icc_room *r, uint32_t leaf)
{
    (void)r;
    note("remove", leaf);
}
void icc_room_lock(struct icc_room *r, bool locked)
{
    (void)r;
    note("lock", locked);
}
void icc_room_name_host(struct icc_room *r, uint32_t leaf)
{
    (void)r;
    note("host", leaf);
}
void icc_room_update_keys(struct icc_room *r)
{
    (void)r;
    note("update", 0);
}
const char *icc_room_desk_do(struct icc_room *r, const struct icc_desk_command *c)
{
    (void)r;
    note("desk", (uint64_t)c->what);
    return NULL;
}
struct icc_files *icc_room_files(struct icc_room *r)
{
    (void)r;
    return NULL;
}
void icc_room_mute(struct icc_room *r, bool sound, bool picture)
{
    (void)r;
    note("mute", (unsigned)(2 * sound + picture));
}
void icc_room_compared(struct icc_room *r)
{
    (void)r;
    note("compared", 0);
}
ic_err icc_room_certificate(struct icc_room *r, uint32_t leaf, struct ic_buf *out)
{
    (void)r, (void)out;
    note("certificate", leaf);
    return IC_ERR_NOT_FOUND;
}
void icc_room_leave(struct icc_room *r)
{
    (void)r;
    note("leave", 0);
}
bool icc_room_is_leaving(const struct icc_room *r)
{
    (void)r;
    return false;
}
void icc_room_end(struct icc_room *r)
{
    (void)r;
    note("end", 0);
}

static const char *after(const char *line)
{
    asked[0] = 0;
    icc_json_command(NULL, ic_view_cstr(line));
    return asked;
}

TEST(json_commands_reach_the_room)
{
    CHECK(strcmp(after("{\"do\":\"chat\",\"text\":\"four\"}"), "chat 4;") == 0);
    CHECK(strcmp(after("{\"do\":\"chat\",\"text\":\"@a\",\"reply\":5,\"mentions\":[1,2]}"),
                 "chat 2;reply 5;to 1;to 2;") == 0);
    CHECK(strcmp(after("{\"do\":\"chat\",\"text\":\"all\",\"everybody\":true}"),
                 "chat 3;everybody 0;") == 0);
    CHECK(strcmp(after("{\"do\":\"mark\",\"seq\":5,\"sign\":\"yes\"}"), "mark 53;") == 0);
    CHECK(strcmp(after("{\"do\":\"mark\",\"seq\":5,\"sign\":\"yes\",\"put\":false}"),
                 "unmark 53;") == 0);
    CHECK(strcmp(after("{\"do\":\"react\",\"sign\":\"wow\"}"), "react 3;") == 0);
    CHECK(strcmp(after("{\"do\":\"hand\",\"up\":true}"), "hand 1;") == 0);
    CHECK(strcmp(after("{\"do\":\"mute\",\"leaf\":4}"), "quiet 4;") == 0);
    CHECK(strcmp(after("{\"do\":\"mute_all\"}"), "quiet 4294967295;") == 0);
    CHECK(strcmp(after("{\"do\":\"microphone\",\"on\":false}"), "microphone 0;") == 0);
    CHECK(strcmp(after("{\"do\":\"camera\",\"on\":true}"), "camera 1;") == 0);
    CHECK(strcmp(after("{\"do\":\"roster\"}"), "look 0;") == 0);
    CHECK(strcmp(after("{\"do\":\"admit\",\"knock\":7}"), "admit 7;") == 0);
    CHECK(strcmp(after("{\"do\":\"refuse\",\"knock\":8}"), "refuse 8;") == 0);
    CHECK(strcmp(after("{\"do\":\"remove\",\"leaf\":3}"), "remove 3;") == 0);
    CHECK(strcmp(after("{\"do\":\"host\",\"leaf\":3}"), "host 3;") == 0);
    CHECK(strcmp(after("{\"do\":\"lock\",\"on\":true}"), "lock 1;") == 0);
    CHECK(strcmp(after("{\"do\":\"lock\",\"on\":false}"), "lock 0;") == 0);
    CHECK(strcmp(after("{\"do\":\"end\",\"later\":[1]}"), "end 0;") == 0);
}

TEST(json_commands_that_are_wrong_do_nothing)
{
    static const char *const wrong[] = {
        "",
        "{",
        "[]",
        "7",
        "\"chat\"",
        "{\"do\":7}",
        "{\"do\":\"dance\"}",
        "{\"do\":\"chat\"}",
        "{\"do\":\"chat\",\"text\":7}",
        "{\"do\":\"chat\",\"do\":\"end\",\"text\":\"\"}",
        "{\"do\":\"admit\"}",
        "{\"do\":\"admit\",\"knock\":-1}",
        "{\"do\":\"admit\",\"knock\":\"1\"}",
        "{\"do\":\"remove\",\"leaf\":4294967296}",
        "{\"do\":\"remove\",\"leaf\":1.5}",
        "{\"do\":\"chat\",\"text\":\"a\",\"mentions\":7}",
        "{\"do\":\"chat\",\"text\":\"a\",\"mentions\":[-1]}",
        "{\"do\":\"chat\",\"text\":\"a\",\"mentions\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}",
        "{\"do\":\"chat\",\"text\":\"a\",\"reply\":\"x\"}",
        "{\"do\":\"mark\",\"sign\":\"x\"}",
        "{\"do\":\"mark\",\"seq\":1,\"sign\":\"x\",\"put\":1}",
        "{\"do\":\"hand\"}",
        "{\"do\":\"mute\",\"leaf\":4294967295}",
        "{\"do\":\"lock\"}",
        "{\"do\":\"lock\",\"on\":1}",
        "{\"do\":\"end\"} {\"do\":\"end\"}",
        "\xff\xfe",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK(after(wrong[i])[0] == 0);
}

static const char *words(enum ic_meeting_state state, size_t count)
{
    static char out[160];
    static struct ic_meeting_person people[] = {
        {.name = "Me", .self = true, .identity = IC_MEETING_UNVERIFIED},
        {.name = "Eve", .identity = IC_MEETING_EXTERNAL},
        {.name = "Ana", .identity = IC_MEETING_UNVERIFIED},
        {.name = "Ben", .identity = IC_MEETING_UNVERIFIED},
        {.name = "Cleo", .identity = IC_MEETING_UNVERIFIED}};
    static struct icc_terminal t;
    t = (struct icc_terminal){.state = state, .people = people, .people_count = count};
    icc_screen_words(&t, out, sizeof out);
    return out;
}

TEST(words_beside_the_shield_name_whom_to_compare_with)
{
    CHECK(strcmp(words(IC_MEETING_E2EE, 5), "End-to-end encrypted") == 0);
    CHECK(strcmp(words(IC_MEETING_COMPARE, 3), "End-to-end encrypted. Compare the code with Ana") ==
          0);
    CHECK(strcmp(words(IC_MEETING_COMPARE, 4),
                 "End-to-end encrypted. Compare the code with Ana and 1 other") == 0);
    CHECK(strcmp(words(IC_MEETING_COMPARE, 5),
                 "End-to-end encrypted. Compare the code with Ana and 2 others") == 0);
    CHECK(strcmp(words(IC_MEETING_UPDATING, 2), "Updating keys") == 0);
    for (int s = IC_MEETING_CONNECTING; s <= IC_MEETING_OVER; s++) {
        CHECK(words((enum ic_meeting_state)s, 0)[0] != 0);
        CHECK(ic_meeting_state_name((enum ic_meeting_state)s)[0] != 0);
        if (s != IC_MEETING_E2EE && s != IC_MEETING_COMPARE)
            CHECK(strstr(words((enum ic_meeting_state)s, 0), "ncrypted") == NULL);
    }
}

static bool harmless(const char *in, const char *want)
{
    char text[64];
    snprintf(text, sizeof text, "%s", in);
    icc_terminal_make_harmless(text);
    return strcmp(text, want) == 0;
}

TEST(text_of_others_moves_no_cursor)
{
    CHECK(harmless("Ana", "Ana"));
    CHECK(harmless("\x1b[2Jx\r\n\x7f", "?[2Jx???"));
    CHECK(harmless("\xc2\x9b"
                   "2J",
                   "??2J")); /* CSI as one C1 control: no byte of it stays */
    CHECK(harmless("\xc3\xa9\xe2\x82\xac", "\xc3\xa9\xe2\x82\xac"));
    CHECK(harmless("a\xe2\x80\xae"
                   "b\xe2\x81\xa9",
                   "a???b???"));
    CHECK(harmless("\xe2\x80\xa8", "???"));
    CHECK(harmless("\xe2\x80", "\xe2\x80")); /* cut off: nothing is read beyond the end */
    CHECK(harmless("\xc2", "\xc2"));
}

static const char *typed(const char *line)
{
    static struct ic_meeting_person people[] = {{.leaf = 0, .name = "Me", .self = true},
                                                {.leaf = 3, .name = "Ana"},
                                                {.leaf = 4, .name = "Ben"}};
    static struct icc_terminal t;
    t = (struct icc_terminal){.people = people, .people_count = 3};
    asked[0] = 0;
    icc_terminal_typed(&t, ic_view_cstr(line));
    return asked;
}

TEST(typed_lines_are_commands_or_chat)
{
    CHECK(strcmp(typed("/admit 7"), "admit 7;") == 0);
    CHECK(strcmp(typed("/remove 3"), "remove 3;") == 0);
    CHECK(strcmp(typed("/mute 3"), "quiet 3;") == 0);
    CHECK(strcmp(typed("/mute-all"), "quiet 4294967295;") == 0);
    CHECK(strcmp(typed("/hand"), "hand 1;") == 0);
    CHECK(strcmp(typed("/react wow"), "react 3;") == 0);
    CHECK(strcmp(typed("/roster"), "look 0;") == 0);
    CHECK(strcmp(typed("/shrug"), "chat 6;") == 0);
    CHECK(strcmp(typed("@Ana and @Ben, look; not @Me"), "chat 28;to 3;to 4;") == 0);
    CHECK(strcmp(typed(""), "") == 0);
}

/* What a person reads of a file; names are safe already, and are made harmless once more. */
TEST(files_are_told_in_sentences)
{
    static struct icc_terminal t;
    struct ic_together_file f = {.size = 2100000, .name = "plan\x1b.pdf"};
    struct icc_files_event e = {.type = ICC_FILES_SENT, .file = &f, .sending = true};
    icc_terminal_files(&t, &e);
    CHECK(strcmp(t.lines[0], "You share plan?.pdf (2.1 MB).") == 0);
    e = (struct icc_files_event){.type = ICC_FILES_FAILED,
                                 .file = &f,
                                 .why = "bad-chunk",
                                 .text = "part 8 of 10 is damaged, or not what was sent"};
    icc_terminal_files(&t, &e);
    CHECK(strcmp(t.lines[1], "Getting plan?.pdf ended: part 8 of 10 is damaged, or not what was "
                             "sent. Nothing of it was kept.") == 0);
    e = (struct icc_files_event){.type = ICC_FILES_PAUSED, .file = &f, .why = "connection"};
    icc_terminal_files(&t, &e);
    CHECK(strcmp(t.lines[2], "Getting plan?.pdf waits for the connection.") == 0);
}

TEST(file_commands_without_a_file_are_not_done)
{
    static struct icc_terminal t;
    CHECK(icc_terminal_file_command(&t, IC_VIEW_STR("/send")));
    CHECK(strcmp(t.lines[0], "Not done (send): only a regular file can be sent.") == 0);
    CHECK(!icc_terminal_file_command(&t, IC_VIEW_STR("/sendoff was nice")));
    CHECK(!icc_terminal_file_command(&t, IC_VIEW_STR("send it")));
    CHECK_EQ_INT(t.line_count, 1);
}
