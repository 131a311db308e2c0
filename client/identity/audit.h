/* What was ever issued in a person's name, by the log of the organisation's CA and not by its word (docs/protocol/log.md).
 *
 *     struct icc_audit *a;
 *     IC_TRY(icc_audit_new(&a));
 *     IC_TRY(icc_audit_name(a, IC_PKI_NAME_EMAIL, IC_VIEW_STR("ana@ring.example")));
 *     IC_TRY(icc_audit_run(a, &source, &trust, heads, now_ms));
 *     for (size_t i = 0; i < a->found_count; i++) ...
 *     for (size_t i = 0; i < a->alarm_count; i++) ...
 *     icc_audit_free(a);
 *
 * It reads all entries, makes the tree of them anew, holds its root against the signed head, holds the head against
 * those that this device saw before, looks for the names itself, and asks for the certificates that it found: so what
 * is kept back shows. What is wrong with the log is an alarm, not an error.
 */
#ifndef ICC_IDENTITY_AUDIT_H
#define ICC_IDENTITY_AUDIT_H

#include "identity/trust.h"

#include <ic/merkle/heads.h>
#include <ic/merkle/staple.h>
#include <jansson.h>

enum {
    ICC_AUDIT_NAMES = 64,
    ICC_AUDIT_FOUND = 4096, /* certificates of one person */
    ICC_AUDIT_ALARMS = 16,
    ICC_AUDIT_PAGE = 300, /* entries in a request: their longest fit in an answer */
};

/* Who answers, and for whom: below /api/v1/identity/log/, the answer's JSON object, the caller's to json_decref.
 * IC_ERR_NOT_FOUND: there is no such thing; all else ends the audit. */
struct icc_audit_source {
    ic_err (*get)(void *ctx, const char *path, json_t **out);
    void *ctx;
};

struct icc_audit_found {
    uint64_t index;
    struct ic_merkle_entry entry;
    struct ic_buf der; /* empty: withheld */
    bool mine;         /* of this device's key */
    bool known;        /* the person said so */
};

struct icc_audit_alarm {
    const char *
        rule; /* "log-fork", "log-withholds", "log-signature", "log-root", "log-entry", "certificate-withheld",
                       * "certificate-other" */
    char text[200];
};

struct icc_audit {
    struct ic_merkle_hash names[ICC_AUDIT_NAMES];
    size_t name_count;
    struct ic_merkle_head head;
    bool head_good; /* signed by a log of trust.json */
    bool first;     /* nothing was known of the log before */
    uint64_t read;  /* entries */
    struct icc_audit_found *found;
    size_t found_count, found_cap;
    struct icc_audit_alarm alarms[ICC_AUDIT_ALARMS];
    size_t alarm_count;
};

ic_err icc_audit_new(struct icc_audit **out);
/* Accepts NULL. */
void icc_audit_free(struct icc_audit *a);
/* A name to look for; twice is once. IC_ERR_LIMIT, IC_ERR_ARG. */
ic_err icc_audit_name(struct icc_audit *a, enum ic_pki_name_kind kind, struct ic_view name);
/* All names of a certificate that have labels. */
ic_err icc_audit_names_of(struct icc_audit *a, const struct ic_pki_cert *c);
/* heads: as kept of before; changed. Errors: those of the source, IC_ERR_MALFORMED for answers that are none. */
ic_err icc_audit_run(struct icc_audit *a, const struct icc_audit_source *source,
                     const struct icc_trust *trust, struct ic_merkle_heads *heads, uint64_t now_ms);

#endif
