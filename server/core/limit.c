#include "core/limit.h"

#include <ic/base/map.h>
#include <ic/base/mem.h>
#include <string.h>

enum { WAYS = 8, MINUTE_MS = 60000 };

void icd_bucket_init(struct icd_bucket *b, uint32_t burst, uint64_t now_ms)
{
    *b = (struct icd_bucket){.milli = (uint64_t)burst * 1000, .at_ms = now_ms};
}

static void refill(struct icd_bucket *b, uint32_t rate, uint32_t per_ms, uint32_t burst,
                   uint64_t now_ms)
{
    uint64_t full = (uint64_t)burst * 1000;
    uint64_t passed = now_ms > b->at_ms ? now_ms - b->at_ms : 0;
    if (passed > UINT32_MAX)
        passed = UINT32_MAX;
    uint64_t gain = passed * rate / per_ms * 1000 + passed * rate % per_ms * 1000 / per_ms;
    if (gain == 0)
        return; /* the time still counts: at_ms stays */
    if (gain >= full || b->milli + gain >= full) {
        b->milli = full;
        b->at_ms = now_ms;
        return;
    }
    b->milli += gain;
    b->at_ms += gain * per_ms / ((uint64_t)rate * 1000); /* the time that was paid for */
}

bool icd_bucket_has(struct icd_bucket *b, uint32_t rate, uint32_t per_ms, uint32_t burst,
                    uint64_t now_ms)
{
    refill(b, rate, per_ms, burst, now_ms);
    return b->milli >= 1000;
}

bool icd_bucket_take(struct icd_bucket *b, uint32_t rate, uint32_t per_ms, uint32_t burst,
                     uint64_t now_ms)
{
    if (!icd_bucket_has(b, rate, per_ms, burst, now_ms))
        return false;
    b->milli -= 1000;
    return true;
}

bool icd_limiter_init(struct icd_limiter *l, uint32_t per_min, const uint64_t seed[2])
{
    *l = (struct icd_limiter){.seed = {seed[0], seed[1]}, .per_min = per_min};
    l->slots = ic_new_array(ICD_LIMITER_SLOTS, struct icd_limiter_slot);
    return l->slots != NULL;
}

void icd_limiter_clear(struct icd_limiter *l)
{
    ic_free(l->slots);
    l->slots = NULL;
}

/* An IPv4 address whole, of an IPv6 one the /64. */
static void net_of(const uint8_t *address, uint8_t net[8])
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (memcmp(address, mapped, sizeof mapped) == 0) {
        memcpy(net, "\0\0\0\0", 4);
        memcpy(net + 4, address + 12, 4);
    } else {
        memcpy(net, address, 8);
    }
}

static struct icd_bucket *find(struct icd_limiter *l, const uint8_t *address, uint64_t now_ms)
{
    uint8_t net[8];
    net_of(address, net);
    size_t set = ic_siphash(l->seed, ic_view(net, sizeof net)) % (ICD_LIMITER_SLOTS / WAYS);
    struct icd_limiter_slot *slots = l->slots + set * WAYS;
    struct icd_limiter_slot *oldest = slots;
    for (size_t i = 0; i < WAYS; i++) {
        if (slots[i].used && memcmp(slots[i].net, net, sizeof net) == 0)
            return &slots[i].bucket;
        if (!slots[i].used || (oldest->used && slots[i].bucket.at_ms < oldest->bucket.at_ms))
            oldest = &slots[i];
    }
    memcpy(oldest->net, net, sizeof net);
    oldest->used = true;
    icd_bucket_init(&oldest->bucket, l->per_min, now_ms);
    return &oldest->bucket;
}

bool icd_limiter_take(struct icd_limiter *l, const uint8_t *address, uint64_t now_ms)
{
    return icd_bucket_take(find(l, address, now_ms), l->per_min, MINUTE_MS, l->per_min, now_ms);
}

bool icd_limiter_has(struct icd_limiter *l, const uint8_t *address, uint64_t now_ms)
{
    return icd_bucket_has(find(l, address, now_ms), l->per_min, MINUTE_MS, l->per_min, now_ms);
}
