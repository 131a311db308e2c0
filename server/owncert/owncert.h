/* The server's own public certificate by ACME (RFC 8555), proved by http-01: ordered at first start, renewed when two
 * thirds of its time are over, without a connection being dropped.
 *
 *     IC_TRY(icd_owncert_prepare(&config, dir, now_s, &rand, why));   // key.pem, and a stand-in for cert.pem
 *     ... listen with them ...
 *     IC_TRY(icd_owncert_start(&seam, why, &o));
 *     if (icd_owncert_answer(o, path, &body)) ...                     // for /.well-known/acme-challenge/
 *     icd_owncert_free(o);
 *
 * The folder: account.key, key.pem (the server's key: it outlives renewals, because links pin it), cert.pem. Until
 * the first certificate comes, cert.pem is one that the key signed for itself. Requests are jobs on libuv's pool, all
 * else is the loop's.
 */
#ifndef ICD_OWNCERT_H
#define ICD_OWNCERT_H

#include "owncert/config.h"

#include <ic/base/buf.h>
#include <ic/base/rand.h>
#include <uv.h>

struct icd_owncert;

enum { ICD_OWNCERT_WHY = 512, ICD_OWNCERT_PATH = 320 };

/* Paths of the two files in the folder. */
void icd_owncert_paths(const char *dir, char certificate[ICD_OWNCERT_PATH],
                       char private_key[ICD_OWNCERT_PATH]);
/* Makes the folder and what it lacks. why: ICD_OWNCERT_WHY bytes. IC_ERR_IO, IC_ERR_KEY, IC_ERR_CRYPTO. */
ic_err icd_owncert_prepare(const struct icd_owncert_config *c, const char *dir, uint64_t now_s,
                           const struct ic_rand *rand, char *why);

struct icd_owncert_seam {
    uv_loop_t *loop;
    const struct icd_owncert_config *config; /* borrowed */
    const char *dir;                         /* borrowed */
    struct ic_rand rand;
    uint64_t (*now_ms)(void *ctx);
    void (*changed)(void *ctx); /* cert.pem is a new one */
    void (*log)(void *ctx, int level, const char *event, const char *fields);
    void *ctx;
};
/* why as above. IC_ERR_ARG: the directory is no URL that is asked. */
ic_err icd_owncert_start(const struct icd_owncert_seam *seam, char *why, struct icd_owncert **out);
/* Waits for a request under way. Accepts NULL. */
void icd_owncert_free(struct icd_owncert *o);
/* What stands at that path for the authority; false: nothing. o may be NULL. */
bool icd_owncert_answer(const struct icd_owncert *o, struct ic_view path, struct ic_buf *out);

/* When to order, in ms since 1970, by a certificate (PEM) and the names it is to have: 0 at once. since_s: when it
 * came, 0 where that is not known: authorities let its time begin earlier, for clocks that are slow. */
uint64_t icd_owncert_due_ms(struct ic_view pem, const char *domains, int64_t since_s);

#endif
