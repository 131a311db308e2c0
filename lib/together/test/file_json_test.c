#include <ic/base/test.h>
#include <ic/together/file_json.h>
#include <ic/together/kinds.h>
#include <string.h>

static bool has(const struct ic_buf *b, const char *text)
{
    return b->len && memmem(b->p, b->len, text, strlen(text)) != NULL;
}

TEST(file_json_tells_a_file_without_its_key)
{
    struct ic_together_files *l;
    struct ic_meeting_event e = {.type = IC_MEETING_EV_SAID, .kind = IC_TOGETHER_FILE, .number = 7};
    struct ic_together_file f = {.id = {1}, .size = 5, .chunk = 4096, .name = "a\"b.txt"};
    IC_BUF_SCOPE(out, 4096);
    memset(f.key, 'K', sizeof f.key);
    ic_buf_init(&e.text, 4096);
    strcpy(e.person.name, "Ana");
    CHECK_OK(ic_together_files_new(&l));
    CHECK_OK(ic_together_file_encode(&f, &e.text));
    CHECK(ic_together_file_is_said(&e));
    CHECK_OK(ic_together_file_event_json(&e, l, 99, &out));
    CHECK(has(&out, "{\"event\":\"file\",\"time_ms\":99,\"seq\":7,"));
    CHECK(has(&out, "\"file\":\"AQAAAAAAAAAAAAAAAAAAAA\",\"name\":\"a_b.txt\""));
    CHECK(has(&out, "\"size\":5"));
    CHECK(!has(&out, "KKKK") && !has(&out, "4b4b4b4b") && !has(&out, "S0tL"));
    ic_buf_reset(&out);
    CHECK_ERR(ic_together_file_event_json(&e, l, 99, &out), IC_ERR_EXISTS);
    CHECK_EQ_INT(out.len, 0);
    e.kind = IC_TOGETHER_FILE_WITHDRAWN;
    ic_buf_reset(&e.text);
    CHECK_OK(ic_together_file_gone_encode(f.id, &e.text));
    CHECK_OK(ic_together_file_event_json(&e, l, 99, &out));
    CHECK(has(&out, "\"event\":\"file_withdrawn\""));
    e.kind = IC_TOGETHER_LINE;
    CHECK(!ic_together_file_is_said(&e));
    ic_meeting_event_clear(&e);
    ic_together_files_free(l);
}
