#include <stdio.h>

#include "der.h"
#include "internal.h"

static bool two_digits(struct ic_view v, size_t at, int *out)
{
    uint8_t a = v.p[at], b = v.p[at + 1];
    if (a < '0' || a > '9' || b < '0' || b > '9')
        return false;
    *out = (a - '0') * 10 + (b - '0');
    return true;
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in(int year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1 January 1970 to the first of March of that year, years counted from March. */
static int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t m = (month + 9) % 12;
    return 365 * y + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 + day - 1 - 719468;
}

/* RFC 5280 section 4.1.2.5: Zulu, with seconds, without fractions. */
static bool time_of(struct ic_view v, size_t year_len, int64_t *out)
{
    int century = 0, year, month, day, hour, minute, second;
    if (v.len != year_len + 11 || v.p[v.len - 1] != 'Z')
        return false;
    if (year_len == 4 && !two_digits(v, 0, &century))
        return false;
    size_t at = year_len - 2;
    if (!two_digits(v, at, &year) || !two_digits(v, at + 2, &month) ||
        !two_digits(v, at + 4, &day) || !two_digits(v, at + 6, &hour) ||
        !two_digits(v, at + 8, &minute) || !two_digits(v, at + 10, &second))
        return false;
    year += year_len == 4 ? 100 * century : year >= 50 ? 1900 : 2000;
    if (month < 1 || month > 12 || day < 1 || day > days_in(year, month) || hour > 23 ||
        minute > 59 || second > 59)
        return false;
    *out = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}

int64_t ic_pki_time_read(struct ic_reader *r)
{
    bool utc = ic_pki_der_next_is(r, DER_UTC_TIME);
    struct ic_view v = ic_pki_der_read(r, utc ? DER_UTC_TIME : DER_GENERALIZED_TIME);
    int64_t time = 0;
    if (r->err != IC_OK || !time_of(v, utc ? 2 : 4, &time))
        ic_reader_fail(r, IC_ERR_MALFORMED);
    return time;
}

void ic_pki_time_text(int64_t time, char out[IC_PKI_TIME_TEXT])
{
    static const int64_t first = -62167219200, last = 253402300799; /* years 0 to 9999 */
    time = time < first ? first : time > last ? last : time;
    int64_t days = (time - first) / 86400, in_day = (time - first) % 86400;
    int year = 0, month = 1;
    year = (int)(days / 146097) * 400; /* days of 400 years */
    days %= 146097;
    for (; days >= 365 + is_leap(year); year++)
        days -= 365 + is_leap(year);
    for (; days >= days_in(year, month); month++)
        days -= days_in(year, month);
    snprintf(out, IC_PKI_TIME_TEXT, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)year % 10000u,
             (unsigned)month % 100u, (unsigned)(days + 1) % 100u, (unsigned)(in_day / 3600) % 100u,
             (unsigned)(in_day / 60 % 60), (unsigned)(in_day % 60));
}
