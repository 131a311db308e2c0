#include "identity/admin/csv.h"

#include <ic/base/test.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All of it as "[a|b][c]", errors as "!2", the line they are in. */
static void flat(const char *text, size_t len, char *out)
{
    struct icd_csv c;
    ic_err e;
    *out = '\0';
    icd_csv_init(&c, ic_view(text, len));
    while ((e = icd_csv_next(&c)) != IC_ERR_AGAIN) {
        if (e != IC_OK) {
            out += sprintf(out, "!%zu", c.line);
            continue;
        }
        for (size_t i = 0; i < c.count; i++)
            out += sprintf(out, "%s%.*s", i ? "|" : "[", (int)c.field[i].len,
                           (const char *)c.field[i].p);
        out += sprintf(out, "]");
    }
    icd_csv_clear(&c);
}

static bool reads(const char *text, const char *expected)
{
    char out[4000];
    flat(text, strlen(text), out);
    if (strcmp(out, expected) != 0)
        printf("%s\n", out);
    return strcmp(out, expected) == 0;
}

TEST(csv_reads_rows)
{
    CHECK(reads("", ""));
    CHECK(reads("a,b", "[a|b]"));
    CHECK(reads("a,b\r\nc,d\r\n", "[a|b][c|d]"));
    CHECK(reads("a,b\n\n\r\nc\n", "[a|b][c]"));
    CHECK(reads("\xef\xbb\xbf"
                "a\n",
                "[a]"));
    CHECK(reads(",\n", "[|]"));
    CHECK(reads("\"a\"\"b, c\",\"\"\n", "[a\"b, c|]"));
    CHECK(reads("J\xc3\xbcrgen, x \n", "[J\xc3\xbcrgen| x ]"));
    CHECK(reads("a;b\n", "[a;b]"));
}

TEST(csv_goes_on_behind_errors)
{
    CHECK(reads("a\n\"b\"c,d\ne\n", "[a]!2[e]"));
    CHECK(reads("a\nb\"c\nd\n", "[a]!2[d]"));
    CHECK(reads("a\n\"b\nc\n", "[a]!2[c]"));
    CHECK(reads("a\n\"b\nc\"\nd\n", "[a]!2[d]"));
    CHECK(reads("\xff\xfe\nb\n", "!1[b]"));
    CHECK(reads("a\tb\nc\rd\ne\n", "!1!2[e]"));
    CHECK(reads("\xed\xa0\x80\nb", "!1[b]"));
    CHECK(reads("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17\nb\n", "!1[b]"));
}

TEST(csv_bounds_fields_and_rows)
{
    static char text[8192];
    char out[4000];
    memset(text, 'x', 1024);
    strcpy(text + 1024, "\nb\n");
    flat(text, strlen(text), out);
    CHECK_EQ_INT(strlen(out), 1026 + 3);
    memset(text, 'x', 1025);
    strcpy(text + 1025, "\nb\n");
    CHECK(reads(text, "!1[b]"));
    text[0] = '"';
    strcpy(text + 1026, "\"\nb\n");
    CHECK(reads(text, "!1[b]"));
    /* Five quoted fields of a thousand each: more than a row. */
    text[0] = '\0';
    for (size_t i = 0; i < 5; i++)
        sprintf(text + strlen(text), "%s\"%01000d\"", i ? "," : "", 7);
    strcat(text, "\nb\n");
    CHECK(reads(text, "!1[b]"));
}

TEST(csv_open_quotes_cost_nothing)
{
    enum { N = 1 << 20 };
    char *text = malloc(N);
    struct icd_csv c;
    size_t rows = 0;
    CHECK(text != NULL);
    for (size_t i = 0; i < N; i++)
        text[i] = i % 3 == 0 ? '"' : i % 3 == 1 ? 'x' : '\n';
    icd_csv_init(&c, ic_view(text, N));
    while (icd_csv_next(&c) != IC_ERR_AGAIN)
        rows++;
    CHECK(rows > N / 8);
    icd_csv_clear(&c);
    free(text);
}

static bool writes(const char *field, const char *expected)
{
    IC_BUF_SCOPE(out, 4096);
    return icd_csv_write(&out, ic_view_cstr(field), true) == IC_OK &&
           ic_view_equal(ic_buf_view(&out), ic_view_cstr(expected));
}

TEST(csv_exports_no_formula)
{
    CHECK(writes("Ana", "Ana"));
    CHECK(writes("", ""));
    CHECK(writes("Weber, Jo \"J\"", "\"Weber, Jo \"\"J\"\"\""));
    CHECK(writes("=1+1", "\"'=1+1\""));
    CHECK(writes("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""));
    CHECK(writes("+49 30 1", "\"'+49 30 1\""));
    CHECK(writes("-x", "\"'-x\""));
    CHECK(writes("@SUM(A1)", "\"'@SUM(A1)\""));
    CHECK(writes("\t=1", "\"'\t=1\""));
    CHECK(writes("a=b", "a=b"));
}
