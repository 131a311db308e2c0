/* Within the log's part. */
#ifndef ICD_TLOG_PRIVATE_H
#define ICD_TLOG_PRIVATE_H

#include "identity/tlog/tlog.h"

#include <ic/crypto/sign.h>

struct icd_tlog {
    struct ic_sign_key *key;
    struct ic_merkle_hash log; /* its id */
};

extern const char icd_tlog_schema[];
enum { ICD_TLOG_ROUTES = 5 };
extern const struct icd_id_route icd_tlog_routes[ICD_TLOG_ROUTES];

/* data_dir/log.key, made where `make` and there is none; in memory alone for ":memory:". why: ICD_IDENTITY_WHY
 * bytes. IC_ERR_NOT_FOUND where there is none and it is not to be made. */
ic_err icd_tlog_key(const char *data_dir, bool make, const struct ic_rand *rand,
                    struct ic_sign_key **out, char *why);

/* The tree as the tables have it. */
struct icd_tlog_state {
    struct ic_merkle_edge edge;
    bool has_head;
    struct ic_merkle_head head;
};
ic_err icd_tlog_load(struct icd_identity *id, struct icd_tlog_state *out);
/* ctx: the struct icd_identity. */
struct ic_merkle_nodes icd_tlog_nodes(struct icd_identity *id);
uint64_t icd_tlog_size(struct icd_identity *id);

/* ---- api.c ---- */
/* base64url; NULL without memory. */
json_t *icd_tlog_text(struct ic_view bytes);
/* Parameters of the query: a SHA-256 in hexadecimal, a number of digits. False: none. */
bool icd_tlog_hash(const struct icd_call *c, const char *name, struct ic_buf *out);
bool icd_tlog_number(const struct icd_call *c, const char *name, uint64_t *out);
/* people.c */
icd_call_fn icd_tlog_on_entries, icd_tlog_on_certificate;

#endif
