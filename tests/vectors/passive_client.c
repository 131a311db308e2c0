#include "vectors.h"

#include <ic/mls/group.h>
#include <ic/os/os.h>

/* The lifetimes of these vectors ended on 2024-03-02. */
static const uint64_t then_s = 1677900000;

static uint64_t clock_now_s(void *ctx)
{
    (void)ctx;
    return then_s;
}

struct follower {
    struct vec *v;
    const json_t *c;
    struct ic_mls_group *g;
    struct ic_mlspub_fault fault;
};

static ic_err find_psk(void *ctx, struct ic_view psk_id, struct ic_buf *out)
{
    struct follower *f = ctx;
    size_t i;
    json_t *p;
    json_array_foreach(
        json_object_get(f->c, "external_psks"), i,
        p) if (ic_view_equal(vec_bytes(f->v, p, "psk_id"),
                             psk_id)) return ic_buf_append(out, vec_bytes(f->v, p, "psk"));
    return IC_ERR_PSK;
}

static bool refused(struct follower *f, const char *what, ic_err e)
{
    return vec_fail(f->v, "%s: %s: %s", what, ic_err_name(e),
                    f->g ? ic_mls_last_rule(f->g) : f->fault.rule);
}

static bool join(struct follower *f, const struct ic_suite *s, const struct ic_mls_key_package *k,
                 const struct ic_sign_key *signer)
{
    const struct ic_mls_config config = {
        .rand = ic_os_rand(),
        .clock = {clock_now_s, NULL},
        .find_psk = find_psk,
        .ctx = f,
        .limits = {.max_resumption = 1024, .max_lifetime_s = UINT64_MAX},
        .fault = &f->fault};
    const struct ic_mls_identity id = {.suite = s, .signer = signer};
    ic_err e = ic_mls_group_join(&config, &id, k, vec_bytes(f->v, f->c, "welcome"),
                                 vec_bytes(f->v, f->c, "ratchet_tree"), &f->g);
    if (e != IC_OK)
        return refused(f, "join", e);
    VEC_EQUAL(f->v, ic_mls_epoch_authenticator(f->g),
              vec_bytes(f->v, f->c, "initial_epoch_authenticator"));
    return true;
}

static bool follow(struct follower *f, const json_t *epoch)
{
    struct ic_mls_received r;
    size_t i;
    json_t *p;
    json_array_foreach(json_object_get(epoch, "proposals"), i, p)
    {
        ic_err e = ic_mls_process(f->g, vec_hex(f->v, p), &r);
        if (e != IC_OK)
            return refused(f, "proposal", e);
        bool pending = r.kind == IC_MLS_RECEIVED_PROPOSAL;
        ic_mls_received_clear(&r);
        VEC_CHECK(f->v, pending);
    }
    ic_err e = ic_mls_process(f->g, vec_bytes(f->v, epoch, "commit"), &r);
    if (e != IC_OK)
        return refused(f, "commit", e);
    struct ic_mls_staged *s = r.staged;
    r.staged = NULL;
    ic_mls_received_clear(&r);
    VEC_CHECK(f->v, s);
    VEC_OK(f->v, ic_mls_merge(f->g, s));
    VEC_EQUAL(f->v, ic_mls_epoch_authenticator(f->g),
              vec_bytes(f->v, epoch, "epoch_authenticator"));
    return true;
}

static bool live(struct follower *f, const struct ic_suite *s, const struct ic_mls_key_package *k,
                 const struct ic_sign_key *signer)
{
    size_t i;
    json_t *epoch;
    if (!join(f, s, k, signer))
        return false;
    json_array_foreach(json_object_get(f->c, "epochs"), i,
                       epoch) if (!follow(f, epoch)) return false;
    return true;
}

bool run_passive_client(struct vec *v, const json_t *c)
{
    const struct ic_suite *s = vec_suite(v, c);
    struct ic_mls_key_package *k;
    struct ic_sign_key *signer;
    struct follower f = {.v = v, .c = c, .fault = IC_MLSPUB_FAULT_NONE};
    if (!s)
        return false;
    VEC_OK(v,
           ic_mls_key_package_import(vec_bytes(v, c, "key_package"), vec_bytes(v, c, "init_priv"),
                                     vec_bytes(v, c, "encryption_priv"), &k));
    ic_err e = vec_sign_key(s, vec_bytes(v, c, "signature_priv"), &signer);
    if (e != IC_OK) {
        ic_mls_key_package_free(k);
        return vec_fail(v, "the signature key: %s", ic_err_name(e));
    }
    bool passed = live(&f, s, k, signer);
    ic_mls_group_free(f.g);
    ic_sign_key_free(signer);
    ic_mls_key_package_free(k);
    return passed;
}
