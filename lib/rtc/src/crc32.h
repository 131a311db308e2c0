/* CRC-32 of ISO 3309, as FINGERPRINT wants it (RFC 8489 section 14.7). */
#ifndef IC_RTC_CRC32_H
#define IC_RTC_CRC32_H

#include <ic/base/bytes.h>

uint32_t ic_rtc_crc32(struct ic_view v);

#endif
