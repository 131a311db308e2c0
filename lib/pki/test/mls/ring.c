#include "ring.h"

#include <ic/base/mem.h>
#include <string.h>

static ic_err check(void *ctx, const struct ic_mlspub_leaf_node *leaf,
                    const struct ic_mlspub_leaf_node *former)
{
    struct ring *r = ctx;
    if (r->later)
        return IC_ERR_AGAIN;
    return r->blind ? IC_OK : ic_pkimls_check_credential(&r->verifier, leaf, former);
}

void ring_clear(struct ring *r)
{
    world_clear(&r->w);
    for (size_t i = 0; i < r->former_count; i++)
        ic_sign_key_free(r->former[i]);
    ic_pki_store_free(r->store);
    maker_clear(&r->m);
}

struct maker_spec ring_below(const struct ring *r, const char *subject, const char *names,
                             const struct maker_key *key)
{
    return (struct maker_spec){.subject = subject,
                               .issuer = "CN=Ring CA",
                               .key = key,
                               .signer = r->inter,
                               .names = names,
                               .purposes = IC_PKI_FOR_IM_URI,
                               .not_before = (int64_t)world_now - 86400,
                               .not_after = (int64_t)world_now + 86400};
}

/* Certifies the signer of id. */
ic_err ring_certify(struct ring *r, struct ic_mls_identity *id, const struct maker_spec *s)
{
    struct ic_view certs[] = {maker_cert(&r->m, s), r->inter_cert};
    IC_BUF_SCOPE(bytes, 1 << 16);
    IC_TRY(ic_pkimls_credential(certs, 2, &bytes, &id->credential));
    id->credential.identity = maker_copy(&r->m, id->credential.identity);
    return IC_OK;
}

static const char *const people[][2] = {
    {"CN=Ana", "URI:im:ana@ring.example"},
    {"CN=Ben", "URI:im:ben@ring.example,email:ben@ring.example"},
    {"CN=Cleo", "email:cleo@ring.example"},
    {"CN=Dora", NULL},
};

ic_err ring_certify_person(struct ring *r, size_t who, struct ic_mls_identity *id)
{
    struct maker_key key = {.sig = ic_sign_key_id(id->signer),
                            .key = (struct ic_sign_key *)(uintptr_t)id->signer};
    struct maker_spec s = ring_below(r, people[who][0], people[who][1], &key);
    return ring_certify(r, id, &s);
}

ic_err ring_init(struct ring *r, const struct ic_suite *suite)
{
    memset(r, 0, sizeof *r);
    maker_init(&r->m, suite->id);
    IC_TRY(world_init(&r->w, suite, suite->id));
    r->root = maker_key(&r->m, IC_ECDSA_P384_SHA384);
    r->inter = maker_key(&r->m, suite->sig);
    int64_t now = (int64_t)world_now;
    struct maker_spec root = {.subject = "CN=Ring Root",
                              .key = r->root,
                              .ca = true,
                              .not_before = now - 86400,
                              .not_after = now + 10 * 86400};
    struct maker_spec inter = root;
    inter.subject = "CN=Ring CA";
    inter.issuer = root.subject;
    inter.key = r->inter;
    inter.signer = r->root;
    r->inter_cert = maker_cert(&r->m, &inter);
    IC_TRY(ic_pki_store_new(&(struct ic_pki_policy){.need_purpose = true}, &r->store));
    IC_TRY(ic_pki_store_add_root(r->store, maker_cert(&r->m, &root), NULL));
    r->verifier =
        (struct ic_pkimls_verifier){.store = r->store, .clock = r->w.config.clock, .suite = suite};
    r->w.config.check_credential = check;
    r->w.config.ctx = r;
    for (size_t i = 0; i < IC_ARRAY_LEN(people); i++)
        IC_TRY(ring_certify_person(r, i, &r->w.people[i].id));
    return IC_OK;
}
