#include "when.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const int64_t LAST = 253402300799; /* the end of the year 9999 */

/* RFC 3339 section 5.6, time-offset: Z or +hh:mm. */
static bool parse_offset(const char *text, int *seconds)
{
    int hours, minutes, end = 0;
    char sign[2];
    if ((text[0] == 'Z' || text[0] == 'z') && text[1] == 0) {
        *seconds = 0;
        return true;
    }
    if (sscanf(text, "%1[+-]%2d:%2d%n", sign, &hours, &minutes, &end) != 3 || end != 6 ||
        text[end] || hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *seconds = (hours * 60 + minutes) * (sign[0] == '-' ? -60 : 60);
    return true;
}

/* strptime takes the 31st of February for good: the day must stay the day. */
static bool to_seconds(struct tm *tm, const char *zone, int64_t *out)
{
    int day = tm->tm_mday, offset = 0;
    time_t t;
    tm->tm_isdst = -1;
    if (*zone && !parse_offset(zone, &offset))
        return false;
    t = *zone ? timegm(tm) : mktime(tm);
    *out = (int64_t)t - offset;
    return tm->tm_mday == day;
}

bool icc_when_parse(const char *text, int64_t *out)
{
    struct tm tm = {0};
    char *end;
    int64_t t = strtoll(text, &end, 10);
    if (*end != 0 || end == text) {
        const char *rest = strptime(text, "%Y-%m-%d", &tm);
        if (!rest || (*rest != 'T' && *rest != 't' && *rest != ' '))
            return false;
        rest = strptime(rest + 1, "%H:%M", &tm);
        if (rest && *rest == ':')
            rest = strptime(rest + 1, "%S", &tm);
        if (rest && *rest == '.' && rest[1] >= '0' && rest[1] <= '9')
            rest += 1 + strspn(rest + 1, "0123456789");
        if (!rest || !to_seconds(&tm, rest, &t))
            return false;
    }
    if (t <= 0 || t > LAST)
        return false;
    *out = t;
    return true;
}

void icc_when_print(int64_t seconds, char *out, size_t len)
{
    time_t t = (time_t)seconds;
    struct tm tm;
    if (!localtime_r(&t, &tm) || strftime(out, len, "%Y-%m-%d %H:%M %Z", &tm) == 0)
        snprintf(out, len, "-");
}
