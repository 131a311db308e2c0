/* Organisations and their meetings: instant, scheduled, personal. What the HTTP API serves.
 *
 *     struct icd_meeting_new n = {.terms = signed_terms, .title = title};
 *     struct icd_meeting m;
 *     IC_TRY(icd_meetings_create(core, org, &n, &m, &why));
 *     icd_meeting_clear(&m);
 *
 * The meeting's id, kind and hosts are those of the terms that the organiser's client signed. Writing is
 * part of the core's flush: tell nobody before it. docs/protocol/http.md
 */
#ifndef ICD_MEETINGS_H
#define ICD_MEETINGS_H

#include <ic/base/buf.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>

struct icd_core;

enum {
    ICD_TOKEN_LEN = 48,     /* "ict_" and 44 characters: 33 random bytes */
    ICD_ORG_NAME_MAX = 128, /* bytes */
    ICD_INVITED_MAX = 1000,
    ICD_MEETING_ID_TEXT = 22,
};

void icd_meetings_register(struct icd_core *core);

/* A new organisation. token: ICD_TOKEN_LEN + 1 bytes, the only time it is seen; the store keeps its
 * SHA-256. IC_ERR_EXISTS: the name is taken. */
ic_err icd_orgs_create(struct icd_core *core, struct ic_view name, char *token, int64_t *org);
/* A new token for an organisation, the former ends. IC_ERR_NOT_FOUND. */
ic_err icd_orgs_renew(struct icd_core *core, struct ic_view name, char *token);
/* name: ICD_ORG_NAME_MAX + 1 bytes. IC_ERR_NOT_FOUND. */
ic_err icd_orgs_name(struct icd_core *core, int64_t org, char *name);
/* The organisation of that name, made where there is none; its token is then nobody's until it is renewed. */
ic_err icd_orgs_open(struct icd_core *core, struct ic_view name, int64_t *org);
/* Whose token this is. IC_ERR_DENIED. */
ic_err icd_orgs_find(struct icd_core *core, struct ic_view token, int64_t *org);

struct icd_meeting_new {
    struct ic_view terms;    /* encoded, signed by the meeting key */
    struct ic_view title;    /* at most IC_WIRE_TEXT_MAX bytes of text; may be empty */
    uint64_t start_s, end_s; /* of a scheduled meeting, else 0 */
    struct ic_view invited;  /* list of texts<V>, ic_wire_list_next */
};

struct icd_meeting {
    char id[ICD_MEETING_ID_TEXT + 1]; /* as in the link: base64url of 16 bytes */
    uint8_t kind;                     /* enum ic_wire_kind */
    uint8_t state;                    /* enum ic_wire_meeting_state */
    uint16_t suite;
    char number[21];
    struct ic_buf title;
    struct ic_buf invited;
    uint64_t start_s, end_s, created_ms;
};
void icd_meeting_clear(struct icd_meeting *m);

/* *why, on an error, is a sentence for people (static). IC_ERR_MALFORMED, IC_ERR_RULE, IC_ERR_EXISTS,
 * IC_ERR_LIMIT, IC_ERR_IO. */
ic_err icd_meetings_create(struct icd_core *core, int64_t org, const struct icd_meeting_new *n,
                           struct icd_meeting *out, const char **why);
/* Only the organisation's own. IC_ERR_NOT_FOUND. */
ic_err icd_meetings_show(struct icd_core *core, int64_t org, struct ic_view id,
                         struct icd_meeting *out);
/* Newest first, at most `limit`, those made before before_ms (0: now); each is cleared by the callee after
 * the call. */
ic_err icd_meetings_list(struct icd_core *core, int64_t org, uint64_t before_ms, unsigned limit,
                         ic_err (*each)(void *ctx, const struct icd_meeting *m), void *ctx);
/* Ends what runs of it and deletes it. IC_ERR_NOT_FOUND. */
ic_err icd_meetings_delete(struct icd_core *core, int64_t org, struct ic_view id);

#endif
