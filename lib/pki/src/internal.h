/* What the files of this folder share. Inner functions give a reason; the public ones turn it into
 * a fault and an error. */
#ifndef IC_PKI_INTERNAL_H
#define IC_PKI_INTERNAL_H

#include <ic/pki/cert.h>
#include <ic/pki/store.h>

/* As IC_TRY for reasons. */
#define PKI_TRY(call)                                                                              \
    do {                                                                                           \
        enum ic_pki_reason pki_try_ = (call);                                                      \
        if (pki_try_ != IC_PKI_NONE)                                                               \
            return pki_try_;                                                                       \
    } while (0)

/* Tells the reason and gives its error. cert: whom the sentence names, or NULL; fault may be NULL.
 */
ic_err ic_pki_fault_set(struct ic_pki_fault *fault, enum ic_pki_reason reason, int32_t index,
                        const struct ic_pki_cert *cert);

/* Truncated, trailing and malformed are one thing to who looks from outside. */
enum ic_pki_reason ic_pki_ended(const struct ic_reader *r, enum ic_pki_reason otherwise);
/* A Name that is next, whole. */
enum ic_pki_reason ic_pki_name_read(struct ic_reader *r, struct ic_view *out);

/* One Extension. */
struct ic_pki_extension {
    struct ic_view oid, value;
    bool critical;
    uint8_t id; /* of id-ce, below 64; 0 of others */
};
/* Reads the next one; IC_PKI_EXTENSION where it is none. */
enum ic_pki_reason ic_pki_extension_next(struct ic_reader *r, struct ic_pki_extension *out);
/* Fills what extensions say; list: the content of the Extensions. */
enum ic_pki_reason ic_pki_extensions_read(struct ic_view list, struct ic_pki_cert *c);

/* ---- algorithms ---- */

/* An AlgorithmIdentifier of a signature, as it stands (DER, whole); 0 where it is not accepted. */
uint8_t ic_pki_signature_algorithm(struct ic_view identifier);
/* A SubjectPublicKeyInfo, whole. */
enum ic_pki_reason ic_pki_key_read(struct ic_view info, struct ic_pki_cert *c);
/* The bits of the key in one that was read. */
struct ic_view ic_pki_key_bits(struct ic_view info);
/* True for a key that an authority may sign with. */
bool ic_pki_key_serves(const struct ic_pki_cert *issuer);
enum ic_pki_reason ic_pki_signature_check(const struct ic_pki_cert *c,
                                          const struct ic_pki_cert *issuer);
/* The same for what is no certificate. */
struct ic_pki_signed {
    struct ic_view part, signature;
    uint8_t algorithm;
};
enum ic_pki_reason ic_pki_signed_check(const struct ic_pki_signed *s,
                                       const struct ic_pki_cert *signer);
/* SEQUENCE { part, algorithm, BIT STRING }, which is all of der but, where rest is not NULL, what
 * stands behind the signature. inner: the content of the part. */
enum ic_pki_reason ic_pki_signed_read(struct ic_view der, struct ic_pki_signed *out,
                                      struct ic_view *inner, struct ic_view *algorithm,
                                      struct ic_reader *rest);
/* AlgorithmIdentifiers in DER of a signature and of a key of the suites' algorithms. */
struct ic_view ic_pki_sign_identifier(enum ic_sig_id id);
struct ic_view ic_pki_key_identifier(enum ic_sig_id id);

/* ---- names ---- */

/* A Name in DER is well-formed. */
bool ic_pki_name_good(struct ic_view name);
/* Every part of `outer` is the beginning of `inner`: a directory subtree. */
bool ic_pki_name_within(struct ic_view inner, struct ic_view outer);
/* A GeneralName's value has the form that its kind asks for. */
bool ic_pki_general_name_good(const struct ic_pki_name *n, bool in_constraint);
/* The next attribute of a Name: type is an OID's content. False at the end. */
struct ic_pki_attribute {
    struct ic_view type;
    uint8_t string; /* DER tag */
    struct ic_view value;
};
struct ic_pki_attributes {
    struct ic_reader names, set;
};
struct ic_pki_attributes ic_pki_attributes(struct ic_view name);
bool ic_pki_attributes_next(struct ic_pki_attributes *a, struct ic_pki_attribute *out);
/* Labels of letters, digits, '-' and '_', without a point at the end. */
bool ic_pki_host_good(struct ic_view v);
/* The last such byte, or NULL. */
const uint8_t *ic_pki_last(struct ic_view v, uint8_t byte);
bool ic_pki_ascii_equal(struct ic_view a, struct ic_view b);
extern const struct ic_view ic_pki_oid_email_address, ic_pki_oid_common_name;

/* A Time of a certificate, UTCTime or GeneralizedTime. Fails r. */
int64_t ic_pki_time_read(struct ic_reader *r);

/* ---- name constraints ---- */

/* The constraints of a certificate are well-formed. */
enum ic_pki_reason ic_pki_subtrees_check(struct ic_view subtrees);
/* All names of c are ones that authority permits. leaf: c is the chain's first. */
enum ic_pki_reason ic_pki_constraints_check(const struct ic_pki_cert *authority,
                                            const struct ic_pki_cert *c, bool leaf);

/* ---- a path ---- */

/* at[0] is the leaf, the last one the root. */
struct ic_pki_path {
    const struct ic_pki_cert *at[IC_PKI_CHAIN_MAX + 1];
    int32_t count;
    bool root_outside; /* the root is not of the chain */
};

/* All but signatures and name constraints. *index: the certificate that failed. */
enum ic_pki_reason ic_pki_path_judge(const struct ic_pki_policy *p, const struct ic_pki_path *path,
                                     int64_t now, int64_t skew, int32_t *index);
enum ic_pki_reason ic_pki_path_constraints(const struct ic_pki_path *path, int32_t *index);
/* The leaf alone. */
enum ic_pki_reason ic_pki_leaf_judge(const struct ic_pki_policy *p, const struct ic_pki_cert *leaf,
                                     const struct ic_pki_want *want);

/* ---- the memory ---- */

struct ic_pki_cache;
ic_err ic_pki_cache_new(size_t max, struct ic_pki_cache **out);
void ic_pki_cache_free(struct ic_pki_cache *c);
void ic_pki_cache_clear(struct ic_pki_cache *c);
bool ic_pki_cache_has(struct ic_pki_cache *c, const struct ic_pki_cert *cert,
                      const struct ic_pki_cert *issuer);
void ic_pki_cache_put(struct ic_pki_cache *c, const struct ic_pki_cert *cert,
                      const struct ic_pki_cert *issuer);

#endif
