/* Lists of revoked certificates: what they take from a chain, and which ones are refused. */
#include <ic/pki/crl.h>

#include <stdlib.h>

#include "cases.h"

#define DAY 86400
#define OTHER IC_VIEW_STR("\x77\x77\x77")

static struct trio fresh(struct cases *c)
{
    struct trio t = cases_trio(c, IC_ED25519, IC_ECDSA_P256_SHA256, IC_ED25519);
    t.leaf.key_ids = t.inter.key_ids = t.root.key_ids = true;
    t.root.key_usage = t.inter.key_usage = IC_PKI_KEY_CERT_SIGN | IC_PKI_CRL_SIGN;
    t.inter.serial = IC_VIEW_STR("\x11\x01");
    t.leaf.serial = IC_VIEW_STR("\x22\x02");
    return t;
}

/* A list by an authority's certificate and key; serial: what it names besides another, or empty. */
struct plan {
    struct ic_view issuer, serial;
    const struct maker_key *key;
    int64_t from, to; /* 0: a day around the time of the case */
    uint64_t number;
};

static struct ic_view list(struct cases *c, const struct plan *p)
{
    struct ic_pki_cert issuer;
    IC_BUF_SCOPE(der, 65536);
    struct ic_pki_crl_entry entries[] = {
        {OTHER, MAKER_NOW - DAY, IC_PKI_REVOKED_SUPERSEDED},
        {p->serial, MAKER_NOW - 60, IC_PKI_REVOKED_KEY_COMPROMISE},
    };
    struct ic_pki_crl_spec spec = {p->from ? p->from : MAKER_NOW - DAY,
                                   p->to ? p->to : MAKER_NOW + DAY, p->number ? p->number : 7,
                                   entries, p->serial.len > 0 ? 2 : 1};
    if (ic_pki_cert_decode(p->issuer, &issuer, NULL) != IC_OK ||
        ic_pki_crl_make(&spec, &issuer, p->key->key, &der) != IC_OK)
        abort();
    return maker_copy(c->m, ic_buf_view(&der));
}

static void give(struct pki_case *k, struct ic_view der, uint32_t issuer)
{
    k->lists[k->list_count++] = (struct case_list){der, issuer};
}

/* Lists of root and intermediate, with what each names. */
static struct pki_case *two_lists(struct cases *c, const char *name, const struct trio *t,
                                  struct ic_view by_root, struct ic_view by_inter,
                                  enum ic_pki_reason reason, int32_t index)
{
    struct pki_case *k = cases_three(c, name, t, reason, index);
    give(k, list(c, &(struct plan){.issuer = k->roots[0], .key = t->root.key, .serial = by_root}),
         0);
    give(k, list(c, &(struct plan){.issuer = k->certs[1], .key = t->inter.key, .serial = by_inter}),
         1);
    return k;
}

static void named(struct cases *c)
{
    struct trio t = fresh(c);
    struct ic_view none = {NULL, 0};
    two_lists(c, "good-lists", &t, none, none, IC_PKI_NONE, 0);
    two_lists(c, "revoked", &t, none, t.leaf.serial, IC_PKI_REVOKED, 0);
    two_lists(c, "revoked-authority", &t, t.inter.serial, none, IC_PKI_REVOKED, 1);
    /* The number alone says nothing: it is the issuer's. */
    two_lists(c, "good-revoked-by-another", &t, t.leaf.serial, t.inter.serial, IC_PKI_NONE, 0);
    two_lists(c, "good-serial-prefix", &t, none, IC_VIEW_STR("\x22"), IC_PKI_NONE, 0);
}

/* One list by the root, which stands just above the leaf. */
static struct pki_case *by_root(struct cases *c, const char *name, struct trio *t, struct plan plan,
                                enum ic_pki_reason reason, int32_t index)
{
    t->leaf.issuer = t->root.subject;
    t->leaf.signer = t->root.key;
    struct pki_case *k = cases_add(c, name, t->leaf.key, reason, index);
    k->certs[0] = maker_cert(c->m, &t->leaf);
    k->roots[0] = maker_cert(c->m, &t->root);
    k->cert_count = k->root_count = 1;
    plan.issuer = plan.issuer.len > 0 ? plan.issuer : k->roots[0];
    plan.key = plan.key ? plan.key : t->root.key;
    give(k, list(c, &plan), 0);
    return k;
}

static void time(struct cases *c)
{
    struct trio t = fresh(c);
    struct plan past = {.from = MAKER_NOW - 2 * DAY, .to = MAKER_NOW - 1};
    /* OpenSSL wants a list of now. */
    by_root(c, "good-list-too-old", &t, past, IC_PKI_NONE, 0)->peer = PEER_REFUSES;
    by_root(c, "list-too-old", &t, past, IC_PKI_LIST_STALE, 0)->policy.fresh_lists = true;
    by_root(c, "list-of-this-second", &t, (struct plan){.from = MAKER_NOW - DAY, .to = MAKER_NOW},
            IC_PKI_NONE, 0)
        ->policy.fresh_lists = true;
    c->all[c->count - 1].peer = PEER_UNASKED;
    past.serial = t.leaf.serial;
    by_root(c, "revoked-long-ago", &t, past, IC_PKI_REVOKED, 0);
    struct plan future = {.from = MAKER_NOW + DAY, .to = MAKER_NOW + 2 * DAY};
    by_root(c, "list-not-yet", &t, future, IC_PKI_NOT_YET, IC_PKI_LIST_INDEX);
}

static void whose(struct cases *c)
{
    struct trio t = fresh(c), other = fresh(c);
    struct plan plan = {.serial = t.leaf.serial};
    /* Of the same name, by another key: with identifiers of keys, and without. */
    plan.issuer = maker_cert(c->m, &other.root);
    plan.key = other.root.key;
    by_root(c, "list-by-another-key", &t, plan, IC_PKI_ORDER, IC_PKI_LIST_INDEX);
    other.root.key_ids = false;
    plan.issuer = maker_cert(c->m, &other.root);
    by_root(c, "list-forged", &t, plan, IC_PKI_SIGNATURE, IC_PKI_LIST_INDEX);
    other.root.subject = "CN=Somebody Else,O=Ring";
    plan.issuer = maker_cert(c->m, &other.root);
    by_root(c, "list-foreign", &t, plan, IC_PKI_NO_ROOT, IC_PKI_LIST_INDEX);
    for (size_t i = c->count - 3; i < c->count; i++)
        c->all[i].peer = PEER_SAME;
    t.root.key_usage = IC_PKI_KEY_CERT_SIGN;
    plan = (struct plan){.serial = t.leaf.serial};
    by_root(c, "list-by-one-that-may-not", &t, plan, IC_PKI_KEY_USAGE, IC_PKI_LIST_INDEX);
}

static void newer(struct cases *c)
{
    struct trio t = fresh(c);
    struct plan first = {.number = 7}, second = {.number = 8, .serial = t.leaf.serial};
    struct pki_case *k = by_root(c, "revoked-by-the-next-list", &t, first, IC_PKI_REVOKED, 0);
    second.issuer = k->roots[0];
    second.key = t.root.key;
    give(k, list(c, &second), 0);
    k->peer = PEER_UNASKED; /* it keeps both */
    k = by_root(c, "list-older", &t, second, IC_PKI_LIST_OLDER, IC_PKI_LIST_INDEX);
    first.issuer = k->roots[0];
    first.key = t.root.key;
    give(k, list(c, &first), 0);
    k = by_root(c, "list-older-by-time", &t, second, IC_PKI_LIST_OLDER, IC_PKI_LIST_INDEX);
    first.issuer = k->roots[0];
    first.number = 9;
    first.from = MAKER_NOW - 2 * DAY;
    give(k, list(c, &first), 0);
    for (size_t i = c->count - 2; i < c->count; i++)
        c->all[i].peer = PEER_UNASKED;
}

void cases_revocation(struct cases *c)
{
    named(c);
    time(c);
    whose(c);
    newer(c);
}
