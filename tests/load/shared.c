#include "shared.h"

#include <ic/base/mem.h>
#include <ic/crypto/hash.h>
#include <ic/crypto/sign.h>
#include <ic/crypto/verify.h>
#include <string.h>

enum { SLOTS = 1 << 21, FULL = SLOTS / 2, KEY = 32 };

static uint8_t (*slots)[KEY]; /* all zero: free */
static size_t used;
static bool on;
static struct load_shared_stats stats;

void load_shared_use(bool use)
{
    on = use;
}

struct load_shared_stats load_shared_stats(void)
{
    return stats;
}

void load_shared_clear(void)
{
    ic_free(slots);
    slots = NULL;
    used = 0;
}

static void key_of(unsigned kind, struct ic_view key, struct ic_view message, struct ic_view sig,
                   uint8_t out[KEY])
{
    const uint64_t lens[4] = {kind, key.len, message.len, sig.len};
    uint8_t parts[4][IC_HASH_MAX];
    ic_hash_once(IC_SHA256, ic_view(lens, sizeof lens), parts[0]);
    ic_hash_once(IC_SHA256, key, parts[1]);
    ic_hash_once(IC_SHA256, message, parts[2]);
    ic_hash_once(IC_SHA256, sig, parts[3]);
    uint8_t all[4 * KEY];
    for (size_t i = 0; i < 4; i++)
        memcpy(all + i * KEY, parts[i], KEY);
    uint8_t whole[IC_HASH_MAX];
    ic_hash_once(IC_SHA256, IC_VIEW_ARRAY(all), whole);
    memcpy(out, whole, KEY);
}

/* Where the key is, or would be; NULL without room. */
static uint8_t *find(const uint8_t key[KEY])
{
    static const uint8_t none[KEY];
    uint64_t at;
    if (!slots)
        slots = ic_calloc(SLOTS, KEY);
    if (!slots || used >= FULL)
        return NULL;
    for (memcpy(&at, key, sizeof at);; at++) {
        uint8_t *slot = slots[at % SLOTS];
        if (memcmp(slot, none, KEY) == 0 || memcmp(slot, key, KEY) == 0)
            return slot;
    }
}

static bool known(const uint8_t key[KEY])
{
    const uint8_t *slot = find(key);
    bool is = slot && memcmp(slot, key, KEY) == 0;
    stats.remembered += is;
    stats.verified += !is;
    return is;
}

static void remember(const uint8_t key[KEY])
{
    uint8_t *slot = find(key);
    if (slot && memcmp(slot, key, KEY) != 0) {
        memcpy(slot, key, KEY);
        used++;
    }
}

/* RFC 9420 section 5.1.2: what is signed begins with its label. */
static bool is_leaf(struct ic_view message)
{
    static const char label[] = "\x13MLS 1.0 LeafNodeTBS";
    return message.len > sizeof label - 1 && memcmp(message.p, label, sizeof label - 1) == 0;
}

ic_err __real_ic_verify(enum ic_sig_id id, struct ic_view key, struct ic_view message,
                        struct ic_view sig);
ic_err __wrap_ic_verify(enum ic_sig_id id, struct ic_view key, struct ic_view message,
                        struct ic_view sig);
ic_err __real_ic_verify_ecdsa(enum ic_sig_id id, enum ic_hash_id hash, struct ic_view key,
                              struct ic_view message, struct ic_view sig);
ic_err __wrap_ic_verify_ecdsa(enum ic_sig_id id, enum ic_hash_id hash, struct ic_view key,
                              struct ic_view message, struct ic_view sig);

ic_err __wrap_ic_verify(enum ic_sig_id id, struct ic_view key, struct ic_view message,
                        struct ic_view sig)
{
    uint8_t name[KEY];
    if (!on || !is_leaf(message))
        return __real_ic_verify(id, key, message, sig);
    key_of(id, key, message, sig, name);
    if (known(name))
        return IC_OK;
    ic_err e = __real_ic_verify(id, key, message, sig);
    if (e == IC_OK)
        remember(name);
    return e;
}

/* Certificates alone are verified by it. */
ic_err __wrap_ic_verify_ecdsa(enum ic_sig_id id, enum ic_hash_id hash, struct ic_view key,
                              struct ic_view message, struct ic_view sig)
{
    uint8_t name[KEY];
    if (!on)
        return __real_ic_verify_ecdsa(id, hash, key, message, sig);
    key_of(0x10000u + (unsigned)id * 16 + (unsigned)hash, key, message, sig, name);
    if (known(name))
        return IC_OK;
    ic_err e = __real_ic_verify_ecdsa(id, hash, key, message, sig);
    if (e == IC_OK)
        remember(name);
    return e;
}
