/* Slows down who guesses passwords, and nobody else.
 *
 *     struct icd_guard_try t = {.account = email, .address = peer, .known = client_is_known};
 *     uint64_t wait_ms = icd_guard_wait_ms(&guard, &t, now_ms);   // 0: check the password
 *     ...
 *     icd_guard_failed(&guard, &t, now_ms);  or  icd_guard_passed(&guard, &t, now_ms);
 *
 * Four debts, each paid off by time:
 *   of an account from one network   5, then one in 60 s: who guesses at one account
 *   of a network                     30, then one in 20 s: who guesses at many
 *   of an account from everywhere    50, then one in 60 s: many networks at one account
 *   of a client that signed in before, at its account   10, then one in 30 s
 * An attempt of such a known client counts in the last one alone, whatever strangers did to the others; so
 * an attacker, from however many networks, bars no owner who comes from a device of theirs. Passkeys and
 * OpenID Connect are not asked for here at all: nobody guesses a signature. Accounts count by the address as
 * typed, whether it exists or not. An attempt is counted as failed when it begins, and taken back when it
 * was right: a hundred at once are a hundred.
 *
 * One table of a fixed size in memory; in a full set the smallest debt gives way. Names are kept as seeded
 * hashes. Pure, one thread.
 */
#ifndef ICD_IDENTITY_GUARD_H
#define ICD_IDENTITY_GUARD_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <stdbool.h>
#include <stdint.h>

enum { ICD_GUARD_SLOTS = 65536 };

struct icd_guard_slot {
    uint64_t tag;     /* 0: empty */
    uint64_t paid_ms; /* when all of it is paid off */
};
struct icd_guard {
    struct icd_guard_slot *slots; /* ICD_GUARD_SLOTS, in sets of eight */
    uint64_t seed[2];
};
struct icd_guard_try {
    struct ic_view account; /* lower case */
    const uint8_t *address; /* 16 bytes, IPv4 mapped; of IPv6 the /64 counts */
    struct ic_view known;   /* hash of the good known-client token; empty: a stranger */
};

ic_err icd_guard_init(struct icd_guard *g, const uint64_t seed[2]);
void icd_guard_clear(struct icd_guard *g);
/* 0: may try now. Else how long until then. */
uint64_t icd_guard_wait_ms(const struct icd_guard *g, const struct icd_guard_try *t,
                           uint64_t now_ms);
/* Counts one attempt as failed: call it before the password is looked at. */
void icd_guard_failed(struct icd_guard *g, const struct icd_guard_try *t, uint64_t now_ms);
/* It was right after all: takes that one back, and forgives this network its debt at this account. */
void icd_guard_passed(struct icd_guard *g, const struct icd_guard_try *t, uint64_t now_ms);

#endif
