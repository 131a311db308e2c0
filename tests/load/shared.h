/* What one crowd in one process shares: signatures over leaves and certificates that some member has verified
 * already, keyed by SHA-256 over key, message and signature. A thousand devices verify each leaf each on their own;
 * one process that plays them all would spend a thousand machines' time on it. The product has no such thing: the
 * linker puts these functions in place of ic_verify and ic_verify_ecdsa in this program alone (--wrap).
 *
 * Signatures over commits, proposals, messages and terms are never shared.
 */
#ifndef LOAD_SHARED_H
#define LOAD_SHARED_H

#include <stdbool.h>
#include <stdint.h>

/* Whether what is verified from here on may be taken from, and is put into, the memory. */
void load_shared_use(bool on);

struct load_shared_stats {
    uint64_t verified, remembered; /* leaves and certificates: checked, and taken from the memory */
};
struct load_shared_stats load_shared_stats(void);
void load_shared_clear(void);

#endif
