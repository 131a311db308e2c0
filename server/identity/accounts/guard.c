#include "identity/accounts/guard.h"

#include <ic/base/map.h>
#include <ic/base/mem.h>
#include <string.h>

enum { WAYS = 8, KEY_MAX = 320 };

/* A debt is a time: each failure moves the moment when all is paid `each_ms` further. More than `burst`
 * failures ahead of now is too much. */
enum debt { ACCOUNT_HERE, NETWORK, ACCOUNT, KNOWN, DEBTS };
static const struct {
    uint64_t burst, each_ms;
} rates[DEBTS] = {
    [ACCOUNT_HERE] = {5, 60000},
    [NETWORK] = {30, 20000},
    [ACCOUNT] = {50, 60000},
    [KNOWN] = {10, 30000},
};

ic_err icd_guard_init(struct icd_guard *g, const uint64_t seed[2])
{
    struct icd_guard_slot *slots = ic_new_array(ICD_GUARD_SLOTS, struct icd_guard_slot);
    if (!slots)
        return IC_ERR_NOMEM;
    *g = (struct icd_guard){.slots = slots, .seed = {seed[0], seed[1]}};
    return IC_OK;
}

void icd_guard_clear(struct icd_guard *g)
{
    ic_free(g->slots);
    *g = (struct icd_guard){0};
}

static bool is_mapped(const uint8_t *address)
{
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
    return memcmp(address, prefix, sizeof prefix) == 0;
}

static size_t put(uint8_t *key, size_t n, struct ic_view v)
{
    size_t len = v.len < KEY_MAX - n ? v.len : KEY_MAX - n;
    if (len)
        memcpy(key + n, v.p, len);
    return n + len;
}

static uint64_t tag_of(const struct icd_guard *g, enum debt d, const struct icd_guard_try *t)
{
    uint8_t key[KEY_MAX];
    size_t n = 0;
    key[n++] = (uint8_t)d;
    if (d == ACCOUNT_HERE || d == NETWORK)
        n = put(key, n, is_mapped(t->address) ? ic_view(t->address, 16) : ic_view(t->address, 8));
    key[n++] = 0;
    if (d != NETWORK)
        n = put(key, n, t->account);
    key[n++] = 0;
    if (d == KNOWN)
        n = put(key, n, t->known);
    uint64_t tag = ic_siphash(g->seed, ic_view(key, n));
    return tag ? tag : 1;
}

static struct icd_guard_slot *set_of(const struct icd_guard *g, uint64_t tag)
{
    return g->slots + (tag % (ICD_GUARD_SLOTS / WAYS)) * WAYS;
}

static struct icd_guard_slot *find(const struct icd_guard *g, uint64_t tag)
{
    struct icd_guard_slot *set = set_of(g, tag);
    for (size_t i = 0; i < WAYS; i++)
        if (set[i].tag == tag)
            return &set[i];
    return NULL;
}

static struct icd_guard_slot *find_or_make(struct icd_guard *g, uint64_t tag)
{
    struct icd_guard_slot *slot = find(g, tag);
    if (slot)
        return slot;
    slot = set_of(g, tag);
    for (size_t i = 1; i < WAYS; i++)
        if (set_of(g, tag)[i].paid_ms < slot->paid_ms)
            slot = &set_of(g, tag)[i];
    *slot = (struct icd_guard_slot){.tag = tag};
    return slot;
}

static uint64_t wait_of(const struct icd_guard *g, enum debt d, const struct icd_guard_try *t,
                        uint64_t now_ms)
{
    const struct icd_guard_slot *slot = find(g, tag_of(g, d, t));
    if (!slot || slot->paid_ms <= now_ms)
        return 0;
    /* One more must not owe more than the burst. */
    uint64_t owed = slot->paid_ms - now_ms + rates[d].each_ms;
    uint64_t most = rates[d].burst * rates[d].each_ms;
    return owed > most ? owed - most : 0;
}

static bool counts(enum debt d, const struct icd_guard_try *t)
{
    return (d == KNOWN) == (t->known.len != 0);
}

uint64_t icd_guard_wait_ms(const struct icd_guard *g, const struct icd_guard_try *t,
                           uint64_t now_ms)
{
    uint64_t longest = 0;
    for (enum debt d = 0; d < DEBTS; d++) {
        uint64_t w = counts(d, t) ? wait_of(g, d, t, now_ms) : 0;
        longest = w > longest ? w : longest;
    }
    return longest;
}

void icd_guard_failed(struct icd_guard *g, const struct icd_guard_try *t, uint64_t now_ms)
{
    for (enum debt d = 0; d < DEBTS; d++) {
        if (!counts(d, t))
            continue;
        struct icd_guard_slot *slot = find_or_make(g, tag_of(g, d, t));
        slot->paid_ms = (slot->paid_ms > now_ms ? slot->paid_ms : now_ms) + rates[d].each_ms;
    }
}

static void take_back(struct icd_guard *g, enum debt d, const struct icd_guard_try *t, bool all)
{
    struct icd_guard_slot *slot = find(g, tag_of(g, d, t));
    if (slot)
        slot->paid_ms =
            all || slot->paid_ms < rates[d].each_ms ? 0 : slot->paid_ms - rates[d].each_ms;
}

void icd_guard_passed(struct icd_guard *g, const struct icd_guard_try *t, uint64_t now_ms)
{
    (void)now_ms;
    for (enum debt d = 0; d < DEBTS; d++)
        if (counts(d, t))
            take_back(g, d, t, d == ACCOUNT_HERE || d == KNOWN);
}
