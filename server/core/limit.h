/* Rates: a bucket of tokens that refills with time, and a bounded table of buckets by address.
 *
 * An IPv6 address counts as its /64: that much one customer is given. When the table is full the bucket
 * that is longest unused gives way, so an attacker with many networks only ever forgets others' debts.
 */
#ifndef ICD_CORE_LIMIT_H
#define ICD_CORE_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct icd_bucket {
    uint64_t milli; /* thousandths of a token */
    uint64_t at_ms;
};

/* A full one. */
void icd_bucket_init(struct icd_bucket *b, uint32_t burst, uint64_t now_ms);
/* Takes one token; false where there is none. rate: tokens in `per_ms`. */
bool icd_bucket_take(struct icd_bucket *b, uint32_t rate, uint32_t per_ms, uint32_t burst,
                     uint64_t now_ms);
/* Whether a token is there, taking none. */
bool icd_bucket_has(struct icd_bucket *b, uint32_t rate, uint32_t per_ms, uint32_t burst,
                    uint64_t now_ms);

enum { ICD_LIMITER_SLOTS = 4096 };
struct icd_limiter_slot {
    uint8_t net[8];
    bool used;
    struct icd_bucket bucket;
};
struct icd_limiter {
    struct icd_limiter_slot *slots; /* ICD_LIMITER_SLOTS, in sets of eight */
    uint64_t seed[2];
    uint32_t per_min;
};
/* False without memory. */
bool icd_limiter_init(struct icd_limiter *l, uint32_t per_min, const uint64_t seed[2]);
void icd_limiter_clear(struct icd_limiter *l);
/* address: 16 bytes, IPv4 mapped. */
bool icd_limiter_take(struct icd_limiter *l, const uint8_t *address, uint64_t now_ms);
bool icd_limiter_has(struct icd_limiter *l, const uint8_t *address, uint64_t now_ms);

#endif
