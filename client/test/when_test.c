#include "cli/when.h"

#include <ic/base/test.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t at(const char *text)
{
    int64_t t = -1;
    return icc_when_parse(text, &t) ? t : -1;
}

TEST(times_are_taken_as_rfc_3339)
{
    setenv("TZ", "UTC0", 1);
    tzset();
    CHECK_EQ_INT(at("1795960800"), 1795960800);
    CHECK_EQ_INT(at("2026-11-30T14:00Z"), 1796047200);
    CHECK_EQ_INT(at("2026-11-30T14:00:30Z"), 1796047230);
    CHECK_EQ_INT(at("2026-11-30 14:00:30.25z"), 1796047230);
    CHECK_EQ_INT(at("2026-11-30T15:00:00+01:00"), 1796047200);
    CHECK_EQ_INT(at("2026-11-30T08:30:00-05:30"), 1796047200);
    CHECK_EQ_INT(at("2028-02-29T00:00Z"), 1835395200);
}

TEST(times_without_an_offset_are_local)
{
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    CHECK_EQ_INT(at("2026-11-30T15:00"), 1796047200);
    CHECK_EQ_INT(at("2026-07-01T16:00"), 1782914400); /* summer: two hours */
    char text[40];
    icc_when_print(1796047200, text, sizeof text);
    CHECK(strcmp(text, "2026-11-30 15:00 CET") == 0);
    icc_when_print(1782914400, text, sizeof text);
    CHECK(strcmp(text, "2026-07-01 16:00 CEST") == 0);
    setenv("TZ", "UTC0", 1);
    tzset();
}

TEST(times_that_are_none_are_refused)
{
    static const char *const wrong[] = {"",
                                        "-5",
                                        "0",
                                        "tomorrow",
                                        "2026-11-30",
                                        "14:00",
                                        "2026-02-30T10:00Z",
                                        "2027-02-29T10:00Z",
                                        "2026-13-01T10:00Z",
                                        "2026-11-30T25:00Z",
                                        "2026-11-30T14:00Q",
                                        "2026-11-30T14:00Zx",
                                        "2026-11-30T14:00+1:00",
                                        "2026-11-30T14:00+24:00",
                                        "2026-11-30T14:00+01:00x",
                                        "2026-11-30T14:00.Z",
                                        "253402300800",
                                        "99999999999999999999",
                                        "1795960800s"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_EQ_INT(at(wrong[i]), -1);
}
