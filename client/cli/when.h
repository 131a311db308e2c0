/* Times of meetings as people write and read them. */
#ifndef ICC_CLI_WHEN_H
#define ICC_CLI_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Unix seconds; RFC 3339, seconds and fraction of them being optional (2026-11-30T14:00Z,
 * 2026-11-30 15:00:00+01:00); the same without an offset in the local zone. False, *out untouched: neither,
 * no such day, or after the year 9999. */
bool icc_when_parse(const char *text, int64_t *out);
/* In the local zone: "2026-11-30 15:00 CET". */
void icc_when_print(int64_t seconds, char *out, size_t len);

#endif
