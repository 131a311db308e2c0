/* Links: https://host[:port]/m/<id>#k=<meeting key hash>&s=<join secret>[&c=<certificate pin>], base64url.
 * The fragment is never sent to a server. And making a meeting: its keys, terms, link.
 */
#ifndef IC_MEETING_LINK_H
#define IC_MEETING_LINK_H

#include <ic/meeting/meeting.h>

struct ic_meeting_url {
    bool tls;       /* http is taken for localhost alone: else IC_ERR_DENIED */
    char host[256]; /* name or address, without brackets */
    uint16_t port;
    bool has_cert_pin;
    uint8_t cert_pin[32]; /* SHA-256 of the server's (or its issuer's) SubjectPublicKeyInfo */
    struct ic_meeting_link link;
};

/* IC_ERR_MALFORMED, IC_ERR_UNSUPPORTED (scheme), IC_ERR_DENIED. */
ic_err ic_meeting_url_parse(struct ic_view text, struct ic_meeting_url *out);
/* A server alone, as for making meetings: https://host[:port][/][#c=<pin>]; link stays empty. */
ic_err ic_meeting_server_parse(struct ic_view text, struct ic_meeting_url *out);
/* Appends the text with its fragment. */
ic_err ic_meeting_url_write(const struct ic_meeting_url *u, struct ic_buf *out);

struct ic_meeting_plan {
    uint8_t kind; /* enum ic_wire_kind */
    uint16_t suite;
    uint16_t sframe_suite;
    uint8_t admission; /* enum ic_wire_admission_rule */
    bool watermark, recording;
    const struct ic_view *hosts; /* signature keys; the first is the organiser's own device */
    size_t host_count;
    /* SHA-256 of the authorities that vouch for members, at most IC_WIRE_ROOTS_MAX; needed where verified members alone
     * are admitted. */
    const struct ic_view *roots;
    size_t root_count;
};

struct ic_meeting_made {
    uint8_t id[16];
    struct ic_meeting_link link;
    struct ic_buf terms; /* signed, for the server; owned */
};

/* IC_ERR_ARG: without a host, or for the verified without a root; IC_ERR_LIMIT. Draws meeting id, meeting key (forgotten once the terms are signed) and join secret. */
ic_err ic_meeting_make(const struct ic_meeting_plan *p, const struct ic_rand *rand,
                       struct ic_meeting_made *out);
void ic_meeting_made_clear(struct ic_meeting_made *m);

#endif
