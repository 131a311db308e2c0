#include "config/config.h"

#include <ic/base/test.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char why[ICD_CONFIG_WHY];

static ic_err parse(struct icd_config *c, const char *text)
{
    icd_config_default(c);
    return icd_config_parse(c, ic_view_cstr(text), "x.conf", why);
}

TEST(config_takes_what_it_knows)
{
    struct icd_config c;
    CHECK_OK(parse(&c, "# a comment\n[server]\nlisten = 192.0.2.1:443, [2001:db8::1]:443\n"
                       "metrics_for_all=yes\n[log]\nlevel = debug\n[limits]\naway_ms = 30000\n"));
    CHECK(strcmp(c.listen, "192.0.2.1:443, [2001:db8::1]:443") == 0);
    CHECK(c.metrics_for_all);
    CHECK_EQ_INT(c.log_level, ICD_LOG_DEBUG);
    CHECK_EQ_INT(c.limits.away_ms, 30000);
    CHECK_OK(icd_config_check(&c, why));
}

TEST(config_refuses_by_line)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"[server]\nlissten = x\n", "x.conf:2: unknown key lissten in [server]"},
        {"[sever]\nlisten = x\n", "x.conf:2: unknown key listen in [sever]"},
        {"listen = x\n", "x.conf:1: unknown key listen in []"},
        {"[limits]\n\naway_ms = 5\n", "x.conf:3: away_ms = 5: a number from"},
        {"[limits]\naway_ms = 1e5\n", "x.conf:2: "},
        {"[limits]\naway_ms = -1\n", "x.conf:2: "},
        {"[limits]\naway_ms = 99999999999999999999\n", "x.conf:2: "},
        {"[limits]\naway_ms = 5000\naway_ms = 6000\n", "x.conf:3: away_ms is given twice"},
        {"[server]\nlisten = a\n  continued\n", "x.conf:3: listen is given twice"},
        {"[media]\nenabled = perhaps\n", "x.conf:2: enabled = perhaps: yes or no"},
        {"[log]\nlevel = loud\n", "x.conf:2: "},
        {"[server]\nno equals sign\n", "x.conf:2: no section, key or comment"},
        {"[server\nlisten = x\n", "x.conf:1: "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct icd_config c;
        CHECK(parse(&c, cases[i].text) != IC_OK);
        if (strncmp(why, cases[i].says, strlen(cases[i].says)) != 0)
            ic_test_fail(__FILE__, __LINE__, "case %zu says: %s", i, why);
    }
}

TEST(config_refuses_long_lines_and_binary)
{
    struct icd_config c;
    char text[3000] = "[server]\nlisten = ";
    memset(text + strlen(text), 'a', 2000);
    CHECK_ERR(parse(&c, text), IC_ERR_MALFORMED);
    icd_config_default(&c);
    CHECK_ERR(icd_config_parse(&c, IC_VIEW_STR("[server]\0\nx"), "x", why), IC_ERR_MALFORMED);
}

TEST(config_that_is_refused_changes_nothing)
{
    struct icd_config c, before;
    icd_config_default(&before);
    CHECK(parse(&c, "[limits]\naway_ms = 30000\nnonsense = 1\n") != IC_OK);
    CHECK_EQ_INT(c.limits.away_ms, before.limits.away_ms);
}

TEST(config_lets_http_only_loopback)
{
    struct icd_config c;
    CHECK_OK(parse(&c, "[server]\nlisten_local = 0.0.0.0:80\n"));
    CHECK_ERR(icd_config_check(&c, why), IC_ERR_RANGE);
    CHECK(strstr(why, "not a loopback address"));
    CHECK_OK(parse(&c, "[server]\nlisten_local = [::1]:80, 127.1.2.3:81\n"));
    CHECK_OK(icd_config_check(&c, why));
    CHECK_OK(parse(&c, "[server]\nlisten_local =\nlisten =\n"));
    CHECK_ERR(icd_config_check(&c, why), IC_ERR_RANGE);
    CHECK_OK(parse(&c, "[server]\nlisten = example.org:443\n"));
    CHECK_ERR(icd_config_check(&c, why), IC_ERR_RANGE);
    CHECK_OK(parse(&c, "[server]\nprivate_key =\n"));
    CHECK_ERR(icd_config_check(&c, why), IC_ERR_RANGE);
}

static char *printed_of(const struct icd_config *c)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    if (!f)
        abort();
    icd_config_print(c, f);
    fclose(f);
    return text;
}

TEST(config_keeps_room_for_the_longest_frame)
{
    struct icd_config c;
    CHECK_OK(parse(&c, "[limits]\nmax_frame = 4194304\nqueue_bytes = 5000000\n"));
    CHECK_ERR(icd_config_check(&c, why), IC_ERR_RANGE);
    CHECK_OK(parse(&c, "[limits]\nmax_frame = 4194304\nqueue_bytes = 5242880\n"));
    CHECK_OK(icd_config_check(&c, why));
}

TEST(config_prints_what_it_reads)
{
    struct icd_config c, again;
    CHECK_OK(parse(&c, "[limits]\naway_ms = 31234\n[log]\nlevel=warn\n[media]\nenabled=no\n"));
    char *first = printed_of(&c);
    CHECK(strstr(first, "away_ms = 31234\n") && strstr(first, "enabled = no\n"));
    icd_config_default(&again);
    CHECK_OK(icd_config_parse(&again, ic_view_cstr(first), "printed", why));
    char *second = printed_of(&again);
    CHECK(strcmp(first, second) == 0);
    free(first);
    free(second);
}

/* The page that people read names every key, with its default, and no other. */
TEST(config_page_is_complete)
{
    static char page[65536], printed[32768];
    struct icd_config c;
    FILE *f = fopen(IC_SOURCE_ROOT "/docs/configuration.md", "re");
    CHECK(f);
    page[fread(page, 1, sizeof page - 1, f)] = '\0';
    fclose(f);
    icd_config_default(&c);
    f = fmemopen(printed, sizeof printed - 1, "w");
    icd_config_print(&c, f);
    fclose(f);
    const char *section, *key, *text;
    size_t keys = 0, rows = 0;
    for (; icd_config_key(keys, &section, &key, &text); keys++) {
        char row[128], line[128], value[128] = "";
        snprintf(row, sizeof row, "| `%s` | ", key);
        const char *at = strstr(page, row);
        if (!at) {
            ic_test_fail(__FILE__, __LINE__, "docs/configuration.md lacks %s", key);
            return;
        }
        snprintf(line, sizeof line, "\n%s = ", key);
        const char *v = strstr(printed, line) + strlen(line);
        snprintf(value, sizeof value, "%.*s", (int)strcspn(v, "\n"), v);
        at += strlen(row);
        at += *at == '`';
        if (strncmp(at, value[0] ? value : "empty", strlen(value[0] ? value : "empty")) != 0)
            ic_test_fail(__FILE__, __LINE__, "docs/configuration.md: %s is %s", key, value);
    }
    for (const char *at = page; (at = strstr(at, "\n| `")); at++)
        rows++;
    CHECK_EQ_INT(rows, keys);
}
