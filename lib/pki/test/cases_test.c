/* Every case gets its verdict, from us and, where it is asked, from OpenSSL's own path builder. */
#include "cases.h"
#include "peer.h"

#include <ic/base/mem.h>
#include <stdlib.h>
#include <string.h>

TEST(every_case_gets_its_verdict)
{
    MAKER_SCOPE(m, 7);
    static struct cases c;
    cases_make(&c, &m);
    for (size_t i = 0; i < c.count; i++) {
        const struct pki_case *k = &c.all[i];
        struct pki_outcome o = pki_case_run(k);
        if ((o.err == IC_OK) != (k->reason == IC_PKI_NONE) ||
            (o.err != IC_OK && (o.fault.reason != k->reason || o.fault.index != k->index ||
                                o.err != ic_pki_reason_err(k->reason))))
            ic_test_fail(__FILE__, __LINE__, "%s: %s at %d, not %s at %d (%s)", k->name,
                         o.err == IC_OK ? "good" : ic_pki_reason_name(o.fault.reason),
                         o.fault.index, ic_pki_reason_name(k->reason), k->index, o.fault.text);
    }
    CHECK(c.count > 150);
}

/* Every reason but those of the glue and of broken machines has a case. */
TEST(every_reason_has_a_case)
{
    MAKER_SCOPE(m, 8);
    static struct cases c;
    bool seen[IC_PKI_REASON_COUNT] = {[IC_PKI_NOT_X509] = true,
                                      [IC_PKI_SUCCESSOR] = true,
                                      [IC_PKI_APPLICATION] = true,
                                      [IC_PKI_FAILED] = true};
    cases_make(&c, &m);
    for (size_t i = 0; i < c.count; i++)
        seen[c.all[i].reason] = true;
    for (int r = 0; r < IC_PKI_REASON_COUNT; r++) {
        if (!seen[r])
            ic_test_fail(__FILE__, __LINE__, "no case for %s", ic_pki_reason_name(r));
    }
}

TEST(openssl_agrees)
{
    MAKER_SCOPE(m, 9);
    static struct cases c;
    size_t asked = 0;
    cases_make(&c, &m);
    for (size_t i = 0; i < c.count; i++) {
        const struct pki_case *k = &c.all[i];
        int error;
        if (k->peer == PEER_UNASKED)
            continue;
        bool want = k->peer == PEER_SAME ? k->reason == IC_PKI_NONE : k->peer == PEER_ACCEPTS;
        asked++;
        if (peer_accepts(k, &error) != want)
            ic_test_fail(__FILE__, __LINE__, "%s: OpenSSL %s it: %s", k->name,
                         want ? "refuses" : "accepts", peer_error(error));
    }
    CHECK(asked > 100);
}
