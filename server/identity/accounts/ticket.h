/* Tickets for what takes two steps (passkey, OpenID Connect), kept by nobody here: who begins gets a sealed
 * text and brings it back. A beginning costs the server no memory, so nobody can fill a table with them and
 * keep others from signing in.
 *
 *     IC_TRY(icd_ticket_make(&box, "passkey", bound, now_ms, ticket));   // base64url, ICD_TICKET_LEN
 *     ...
 *     IC_TRY(icd_ticket_open(&box, "passkey", bound, ticket, now_ms));   // IC_ERR_AUTH, _EXPIRED, _REPLAY
 *     icd_ticket_spend(&box, ticket, now_ms);                            // when all else was good
 *
 * A ticket is 16 random bytes, the time of its making and 24 bytes of an HMAC over these, the purpose and
 * what it is bound to. Spent ones are remembered until they would have expired: only a success spends, so
 * only who may sign in can fill that memory. The keys are this process's: a restart ends what was begun. Pure.
 */
#ifndef ICD_IDENTITY_TICKET_H
#define ICD_IDENTITY_TICKET_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/base/rand.h>

enum {
    ICD_TICKET_BYTES = 48,
    ICD_TICKET_LEN = 64, /* as text */
    ICD_TICKET_MS = 300000,
    ICD_TICKET_SPENT = 32768,
    ICD_TICKET_KEY = 32,
};

struct icd_ticket_box {
    const struct ic_rand *rand;
    uint8_t key[ICD_TICKET_KEY];
    struct {
        uint8_t id[16];
        uint64_t until_ms;
    } spent[ICD_TICKET_SPENT];
    size_t next;
};

/* Draws the key. rand stays the caller's. */
ic_err icd_ticket_box_init(struct icd_ticket_box *box, const struct ic_rand *rand);
/* Wipes the key. */
void icd_ticket_box_clear(struct icd_ticket_box *box);
/* out: ICD_TICKET_LEN + 1 bytes. bound: anything, or empty. */
ic_err icd_ticket_make(const struct icd_ticket_box *box, const char *purpose, struct ic_view bound,
                       uint64_t now_ms, char *out);
/* IC_ERR_AUTH: not ours, of another purpose or binding; IC_ERR_EXPIRED; IC_ERR_REPLAY: spent. */
ic_err icd_ticket_open(const struct icd_ticket_box *box, const char *purpose, struct ic_view bound,
                       struct ic_view ticket, uint64_t now_ms);
/* The ticket opened above is good no more. IC_ERR_BUSY: too many of the last minutes are remembered. */
ic_err icd_ticket_spend(struct icd_ticket_box *box, struct ic_view ticket, uint64_t now_ms);
/* A value that only this process can make again from the same secret: a PKCE verifier, a nonce.
 * out: 44 bytes, base64url of 32 bytes and a NUL. */
void icd_ticket_derive(const struct icd_ticket_box *box, const char *purpose, struct ic_view secret,
                       char *out);

#endif
