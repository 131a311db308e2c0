/* Chains from a peer: read, told, compared, and judged without regard to signatures, which no
 * fuzzer makes. */
#include <ic/pki/store.h>

#include <assert.h>
#include <ic/base/mem.h>
#include <stdlib.h>
#include <string.h>

#include "../src/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void tell(const struct ic_pki_cert *c)
{
    char text[100];
    struct ic_reader r = ic_reader(c->names);
    struct ic_pki_name n;
    size_t count = 0;
    while (ic_pki_names_next(&r, &n))
        count++;
    assert(count <= IC_PKI_NAMES_MAX && ic_reader_end(&r) == IC_OK);
    ic_pki_common_name(c->subject, text, sizeof text);
    assert(ic_view_is_text(ic_view_cstr(text)));
    ic_pki_name_text(c->issuer, text, sizeof text);
    assert(ic_view_is_text(ic_view_cstr(text)));
    ic_pki_time_text(c->not_after, text);
    assert(strlen(text) + 1 == IC_PKI_TIME_TEXT);
}

static void judge(const struct ic_pki_chain *chain)
{
    static const struct ic_pki_policy policy;
    struct ic_pki_path path = {.count = (int32_t)chain->count};
    int32_t index;
    for (size_t i = 0; i < chain->count; i++) {
        path.at[i] = &chain->certs[i];
        assert(ic_pki_name_equal(chain->certs[i].subject, chain->certs[i].subject));
        (void)ic_pki_same_identity(&chain->certs[0], &chain->certs[i]);
        tell(&chain->certs[i]);
    }
    (void)ic_pki_path_judge(&policy, &path, 1795406400, 0, &index);
    (void)ic_pki_path_constraints(&path, &index);
}

/* The last certificate of the chain as a root: so that signatures are checked too. */
static void validate(const struct ic_pki_chain *chain)
{
    struct ic_pki_store *s;
    struct ic_pki_verdict v;
    struct ic_pki_fault fault;
    struct ic_pki_want want = {.key = chain->certs[0].key};
    if (ic_pki_store_new(&(struct ic_pki_policy){.max_cache = 8}, &s) != IC_OK)
        return;
    IC_IGNORE(ic_pki_store_add_root(s, chain->certs[chain->count - 1].encoded, NULL));
    ic_err first = IC_OK;
    for (int i = 0; i < 2; i++) { /* what is remembered changes no verdict */
        ic_err e = ic_pki_validate(s, chain, &want, 1795406400, &v, &fault);
        assert(e == IC_OK || e == ic_pki_reason_err(fault.reason));
        assert(i == 0 || e == first);
        first = e;
    }
    ic_pki_store_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ic_pki_chain chain;
    struct ic_pki_fault fault;
    uint8_t *exact = ic_memdup(data, size ? size : 1);
    if (!exact)
        return 0;
    ic_err e = ic_pki_chain_decode(ic_view(exact, size), 0, &chain, &fault);
    if (e == IC_OK) {
        judge(&chain);
        validate(&chain);
    } else {
        assert(e == ic_pki_reason_err(fault.reason));
    }
    ic_free(exact);
    return 0;
}
