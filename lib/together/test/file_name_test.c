#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/together/file.h>
#include <string.h>

static void is_named(const char *from, const char *to)
{
    char out[IC_TOGETHER_FILE_NAME_MAX + 1];
    ic_together_file_name(ic_view_cstr(from), out);
    if (strcmp(out, to) != 0)
        ic_test_fail(__FILE__, __LINE__, "\"%s\" became \"%s\", not \"%s\"", from, out, to);
}

TEST(file_names_hold_no_path)
{
    is_named("../../etc/passwd", "_.._etc_passwd");
    is_named("/etc/passwd", "_etc_passwd");
    is_named("C:\\Windows\\x", "C__Windows_x");
    is_named("..", "file");
    is_named(".bashrc", "bashrc");
    is_named("", "file");
    is_named("   ", "file");
    is_named("a/", "a_");
}

TEST(file_names_hold_nothing_hidden)
{
    /* RIGHT-TO-LEFT OVERRIDE: "photo" + RLO + "gpj.exe" would read photoexe.jpg. */
    is_named("photo\xe2\x80\xaegpj.exe", "photogpj.exe");
    is_named("a\xe2\x81\xa6"
             "b\xe2\x81\xa9.txt",
             "ab.txt");
    is_named("a\xd8\x9c.txt", "a.txt");
    is_named("a\x1b[31m\n\r\t.txt", "a[31m.txt");
    is_named("a\xc2\x85"
             "b",
             "ab");
    is_named("zero\xe2\x80\x8bwidth", "zerowidth");
    is_named("tag\xf3\xa0\x80\xa1.txt", "tag.txt");
    is_named("bad\xff\xc0\xafutf", "bad___utf");
    is_named("over\xe0\x80\xaflong", "over___long");
}

TEST(file_names_of_people_stay)
{
    is_named("R\xc3\xa9sum\xc3\xa9 2026 (final).pdf", "R\xc3\xa9sum\xc3\xa9 2026 (final).pdf");
    is_named("\xd7\x9e\xd7\xa1\xd7\x9e\xd7\x9a.docx", "\xd7\x9e\xd7\xa1\xd7\x9e\xd7\x9a.docx");
    is_named("\xf0\x9f\x8e\x89.png", "\xf0\x9f\x8e\x89.png");
    is_named("archive.tar.gz", "archive.tar.gz");
}

TEST(file_names_are_no_device)
{
    is_named("con", "_con");
    is_named("NUL.txt", "_NUL.txt");
    is_named("com1.log", "_com1.log");
    is_named("console.log", "console.log");
    is_named("trailing. . ", "trailing");
    is_named("what?*.txt", "what__.txt");
}

TEST(file_names_are_cut_in_the_middle_and_between_characters)
{
    char from[1000], out[IC_TOGETHER_FILE_NAME_MAX + 1];
    size_t n = 0;
    while (n < 900) {
        memcpy(from + n, "\xe2\x82\xac", 3);
        n += 3;
    }
    memcpy(from + n, ".pdf", 5);
    ic_together_file_name(ic_view_cstr(from), out);
    CHECK(strlen(out) <= IC_TOGETHER_FILE_NAME_MAX);
    CHECK(strlen(out) > IC_TOGETHER_FILE_NAME_MAX - 4);
    CHECK(ic_view_is_text(ic_view_cstr(out)));
    CHECK(strcmp(out + strlen(out) - 4, ".pdf") == 0);
}

/* Whatever comes: a name that is safe stays as it is. */
TEST(file_names_that_are_safe_are_safe_again)
{
    struct ic_test_rand state;
    struct ic_rand rand = ic_test_rand(&state, 3);
    for (int i = 0; i < 3000; i++) {
        uint8_t bytes[300];
        char once[IC_TOGETHER_FILE_NAME_MAX + 1], twice[IC_TOGETHER_FILE_NAME_MAX + 1];
        CHECK_OK(ic_rand_fill(&rand, bytes, sizeof bytes));
        for (size_t k = 0; i % 2 && k < sizeof bytes; k++)
            bytes[k] &= 0x7f;
        ic_together_file_name(ic_view(bytes, (size_t)i % sizeof bytes), once);
        CHECK(once[0] && once[0] != '.');
        CHECK(ic_view_is_text(ic_view_cstr(once)));
        CHECK(!strpbrk(once, "/\\:"));
        ic_together_file_name(ic_view_cstr(once), twice);
        CHECK_BYTES(ic_view_cstr(once), ic_view_cstr(twice));
    }
}

static void is_type(const char *from, const char *to)
{
    char out[IC_TOGETHER_FILE_TYPE_MAX + 1];
    ic_together_file_type(ic_view_cstr(from), out);
    CHECK_BYTES(ic_view_cstr(out), ic_view_cstr(to));
}

TEST(file_types_are_types)
{
    is_type("image/png", "image/png");
    is_type("application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text");
    is_type("text/html; charset=utf-8", "application/octet-stream");
    is_type("", "application/octet-stream");
    is_type("image/", "application/octet-stream");
    is_type("/png", "application/octet-stream");
    is_type("a/b/c", "application/octet-stream");
    is_type("image/\r\npng", "application/octet-stream");
}
