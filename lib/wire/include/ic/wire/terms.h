/* What binds a meeting's members, in the GroupContext (and signed ahead, when a meeting is made): terms,
 * tickets, and the authenticated data of commits. The codec only; `ic/rules` judges.
 *
 * See docs/protocol/meeting.md. Views borrow from the decoded bytes.
 */
#ifndef IC_WIRE_TERMS_H
#define IC_WIRE_TERMS_H

#include <ic/base/buf.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>

enum {
    IC_WIRE_EXT_TERMS = 0xF1CA,      /* GroupContext extension type, of the private range */
    IC_WIRE_EXT_WEB_CLIENT = 0xF1CB, /* leaf extension: this device is a web client */
    IC_WIRE_EXT_LOG_STAPLE = 0xF1CC, /* leaf extension: its certificate is in the issuer's log */
    IC_WIRE_HOSTS_MAX = 64,
    IC_WIRE_BARRED_MAX = 1024,
    IC_WIRE_ROOTS_MAX = 32,
    IC_WIRE_TICKETS_MAX = 1024,
    IC_WIRE_CHAIN_MAX = 8,     /* former terms */
    IC_WIRE_TERMS_MAX = 65536, /* bytes of terms without their chain */
};

enum ic_wire_kind { IC_WIRE_INSTANT = 1, IC_WIRE_SCHEDULED = 2, IC_WIRE_PERSONAL = 3 };
enum ic_wire_admission_rule {
    IC_WIRE_HOST_ADMITS = 1,
    IC_WIRE_VERIFIED_ADMITTED = 2,
    IC_WIRE_LINK_ADMITS = 3
};

struct ic_wire_terms {
    uint8_t version;           /* 1 */
    struct ic_view meeting_id; /* 16 bytes */
    uint8_t kind;
    uint16_t suite;        /* of the group */
    uint16_t sframe_suite; /* RFC 9605: 4 or 5 */
    uint8_t admission;
    uint8_t locked; /* nobody is added */
    uint8_t watermark;
    uint8_t recording;          /* 1: participants may record */
    struct ic_view hosts;       /* list of signature keys<V>: ic_wire_list_next */
    struct ic_view roots;       /* list of SHA-256 of accepted roots<V> */
    struct ic_view barred;      /* list of SHA-256 of signature keys<V> */
    uint64_t seq;               /* grows with every change */
    struct ic_view meeting_key; /* the creator's meeting key: its SHA-256 is in the link */
    struct ic_view signer;      /* the meeting key, or a host's that the former terms name */
    struct ic_view signature;   /* SignWithLabel "InCamera Terms" over all before it */
    /* Former terms<V>, oldest first, each with an empty chain of its own: how the meeting key came to
     * name the signer. Empty where the meeting key signed. Not signed: each item stands for itself. */
    struct ic_view chain;
    struct ic_view tbs; /* decode: what the signature covers */
};

ic_err ic_wire_terms_decode(struct ic_view bytes, struct ic_wire_terms *out);
/* All but the signature: what is signed. */
ic_err ic_wire_terms_encode_tbs(const struct ic_wire_terms *t, struct ic_buf *out);
ic_err ic_wire_terms_encode(const struct ic_wire_terms *t, struct ic_buf *out);

/* Walks a list of vectors: *rest starts as the list; false at its end. The list was checked by decode. */
bool ic_wire_list_next(struct ic_view *rest, struct ic_view *item);
bool ic_wire_list_has(struct ic_view list, struct ic_view item);
/* Appends one item to an encoded list. */
ic_err ic_wire_list_add(struct ic_buf *list, struct ic_view item);

/* A host lets one member (the bearer) add one key package: SignWithLabel "InCamera Ticket" over
 * group_id<V> ref<V> bearer<V> u64 expiry_ms. */
struct ic_wire_ticket {
    struct ic_view ref;    /* KeyPackageRef */
    struct ic_view bearer; /* signature key of the member that may propose and commit the Add */
    uint64_t expiry_ms;    /* at most 10 minutes after the commit that shows it */
    struct ic_view host;   /* the signing host's signature key */
    struct ic_view signature;
};

/* The authenticated data of every commit and proposal. */
struct ic_wire_commit_data {
    uint8_t version;        /* 1 */
    uint64_t time_ms;       /* the sender's clock: monotone over the group's commits */
    struct ic_view tickets; /* encoded list of tickets: ic_wire_ticket_next */
    struct ic_view proofs; /* list of proofs<V>: HMAC(join secret, ...) of those who come by link */
};

ic_err ic_wire_commit_data_decode(struct ic_view bytes, struct ic_wire_commit_data *out);
ic_err ic_wire_commit_data_encode(const struct ic_wire_commit_data *d, struct ic_buf *out);
bool ic_wire_ticket_next(struct ic_view *rest, struct ic_wire_ticket *out);
ic_err ic_wire_ticket_add(struct ic_buf *tickets, const struct ic_wire_ticket *t);
ic_err ic_wire_ticket_tbs(struct ic_view group_id, const struct ic_wire_ticket *t,
                          struct ic_buf *out);

/* What a committer shows to those who enter by its commit, or resync to it: why they may believe that
 * this is the meeting and not a group that the server made up with copied terms. */
struct ic_wire_admission {
    uint8_t version;  /* 1 */
    uint64_t time_ms; /* the commit's time */
    struct ic_view
        witness; /* ic_rules_witness: the committer holds the link's join secret; or empty */
    struct ic_view tickets; /* as in the commit's data */
};

ic_err ic_wire_admission_decode(struct ic_view bytes, struct ic_wire_admission *out);
ic_err ic_wire_admission_encode(const struct ic_wire_admission *a, struct ic_buf *out);

#endif
