/* Name constraints: of the authority that issued the leaf, of the one above, of the root. */
#include "cases.h"

#include <ic/base/mem.h>

struct row {
    const char *name;
    const char *permitted, *excluded;
    const char *names;
    bool good;
    enum peer peer;
};

static const struct row dns[] = {
    {"dns-inside", "DNS:ring.example", NULL, "DNS:ana.ring.example", true, 0},
    {"dns-itself", "DNS:ring.example", NULL, "DNS:RING.example", true, 0},
    {"dns-outside", "DNS:ring.example", NULL, "DNS:ana.other.example", false, 0},
    {"dns-label-suffix", "DNS:ring.example", NULL, "DNS:evilring.example", false, 0},
    {"dns-one-of-two-outside", "DNS:ring.example", NULL, "DNS:a.ring.example,DNS:b.example", false,
     0},
    {"dns-second-subtree", "DNS:x.example,DNS:ring.example", NULL, "DNS:a.ring.example", true, 0},
    {"dns-excluded", NULL, "DNS:ring.example", "DNS:ana.ring.example", false, 0},
    {"dns-excluded-case", NULL, "DNS:ring.example", "DNS:ANA.Ring.Example", false, 0},
    {"dns-not-excluded", NULL, "DNS:ring.example", "DNS:ana.example", true, 0},
    {"dns-excluded-in-permitted", "DNS:ring.example", "DNS:x.ring.example", "DNS:a.x.ring.example",
     false, 0},
    {"dns-all-excluded", NULL, "DNS:", "DNS:a.example", false, 0},
    {"dns-other-kind-free", "DNS:ring.example", NULL, "email:ana@other.example", true, 0},
    {"dns-wildcard-inside", "DNS:ring.example", NULL, "DNS:*.ring.example", true, 0},
    /* It could stand for the excluded name. */
    {"dns-wildcard-excluded", NULL, "DNS:x.ring.example", "DNS:*.ring.example", false,
     PEER_ACCEPTS},
};

static const struct row email[] = {
    {"email-host", "email:ring.example", NULL, "email:ana@ring.example", true, 0},
    {"email-host-case", "email:ring.example", NULL, "email:ana@RING.example", true, 0},
    {"email-host-below", "email:ring.example", NULL, "email:ana@x.ring.example", false, 0},
    {"email-domain-below", "email:.ring.example", NULL, "email:ana@x.ring.example", true, 0},
    {"email-domain-itself", "email:.ring.example", NULL, "email:ana@ring.example", false, 0},
    {"email-mailbox", "email:ana@ring.example", NULL, "email:ana@ring.example", true, 0},
    {"email-another-mailbox", "email:ana@ring.example", NULL, "email:ben@ring.example", false, 0},
    {"email-mailbox-case", "email:ana@ring.example", NULL, "email:Ana@ring.example", false, 0},
    {"email-excluded", NULL, "email:ring.example", "email:ana@ring.example", false, 0},
    {"email-two-at", NULL, "email:ring.example", "email:a@b@ring.example", false, 0},
    /* RFC 9598: a mailbox in UTF-8, "x@ring.example", in an otherName */
    {"email-utf8-hidden", "email:ring.example", NULL,
     "other:06082b06010505070809a0100c0e784072696e672e6578616d706c65", false, PEER_UNASKED},
};

static const struct row uri[] = {
    {"uri-host", "URI:ring.example", NULL, "URI:https://ring.example/ana", true, 0},
    {"uri-host-port", "URI:ring.example", NULL, "URI:https://Ring.example:8443", true, 0},
    {"uri-user", "URI:ring.example", NULL, "URI:https://x.example@ring.example/", true,
     PEER_UNASKED},
    {"uri-outside", "URI:ring.example", NULL, "URI:https://other.example/ring.example", false, 0},
    {"uri-below", "URI:ring.example", NULL, "URI:https://x.ring.example/", false, 0},
    {"uri-domain-below", "URI:.ring.example", NULL, "URI:https://x.ring.example/", true, 0},
    {"uri-excluded", NULL, "URI:ring.example", "URI:https://ring.example", false, 0},
    {"uri-im", "URI:ring.example", NULL, "URI:im:ana@ring.example", true, PEER_REFUSES},
    {"uri-im-outside", "URI:ring.example", NULL, "URI:im:ana@other.example", false, 0},
    {"uri-no-host", "URI:ring.example", NULL, "URI:urn:x", false, 0},
    {"uri-no-host-excluded", NULL, "URI:ring.example", "URI:urn:x", false, 0},
    {"uri-address-excluded", NULL, "URI:ring.example", "URI:https://10.0.0.1/", false,
     PEER_ACCEPTS},
};

static const struct row ip[] = {
    {"ip4-inside", "IP:0a000000ff000000", NULL, "IP:0a010203", true, 0},
    {"ip4-outside", "IP:0a000000ff000000", NULL, "IP:0b010203", false, 0},
    {"ip4-excluded", NULL, "IP:0a000000ff000000", "IP:0a010203", false, 0},
    {"ip4-all", "IP:0000000000000000", NULL, "IP:0b010203", true, 0},
    {"ip6-inside", "IP:20010db8000000000000000000000000ffffffff000000000000000000000000", NULL,
     "IP:20010db8000000000000000000000001", true, 0},
    {"ip6-outside", "IP:20010db8000000000000000000000000ffffffff000000000000000000000000", NULL,
     "IP:20010db9000000000000000000000001", false, 0},
    {"ip6-where-ip4-is-permitted", "IP:0a000000ff000000", NULL,
     "IP:20010db8000000000000000000000001", false, 0},
};

static const struct row directory[] = {
    {"directory-inside", "dir:O=Ring", NULL, "URI:im:a@x.example", false, 0}, /* CN comes first */
    {"directory-itself", "dir:CN=Ana Example;O=Ring", NULL, "URI:im:a@x.example", true, 0},
    {"directory-first-part", "dir:CN=ana example", NULL, "URI:im:a@x.example", true, 0},
    {"directory-excluded", NULL, "dir:CN=!ANA  EXAMPLE", "URI:im:a@x.example", false, 0},
    {"directory-name-outside", "dir:CN=Ana Example", NULL, "dir:CN=Ben", false, 0},
    {"directory-name-inside", "dir:CN=Ana Example", NULL, "dir:CN=Ana Example;O=X", true, 0},
    {"registered-id-constrained", "id:2b65", NULL, "id:2b65", false, 0}, /* nobody compares these */
};

static void run_rows(struct cases *c, const struct row *rows, size_t n)
{
    struct trio t = cases_trio(c, IC_ED25519, IC_ED25519, IC_ED25519);
    for (size_t i = 0; i < n; i++) {
        t.inter.permitted = rows[i].permitted;
        t.inter.excluded = rows[i].excluded;
        t.leaf.names = rows[i].names;
        cases_three(c, rows[i].name, &t, rows[i].good ? IC_PKI_NONE : IC_PKI_NAME_CONSTRAINT, 0)
            ->peer = rows[i].peer;
    }
}

/* Where constraints stand, and what they reach. */
static void reach(struct cases *c)
{
    struct trio t = cases_trio(c, IC_ED25519, IC_ED25519, IC_ED25519);
    t.root.permitted = "email:ring.example";
    cases_three(c, "good-constraints-of-root", &t, IC_PKI_NONE, 0);
    t.root.permitted = "email:other.example";
    cases_three(c, "constraints-of-root", &t, IC_PKI_NAME_CONSTRAINT, 0);
    t.root.permitted = "dir:CN=Ring CA 1";
    cases_three(c, "constraints-of-root-on-subject", &t, IC_PKI_NAME_CONSTRAINT, 0);
    t.root.permitted = "dir:CN=Ana Example";
    cases_three(c, "constraints-of-root-on-intermediate", &t, IC_PKI_NAME_CONSTRAINT, 1);
    t.root.permitted = NULL;
    t.inter.permitted = "email:ring.example";
    t.leaf.names = NULL;
    t.leaf.subject = "emailAddress=!ana@other.example";
    cases_three(c, "constraints-on-email-in-subject", &t, IC_PKI_NAME_CONSTRAINT, 0)->peer =
        PEER_UNASKED;
    t.leaf.names = "email:ana@ring.example";
    cases_three(c, "good-email-in-subject-when-named-apart", &t, IC_PKI_NONE, 0)->peer =
        PEER_UNASKED;
    t.inter.permitted = "DNS:ring.example";
    t.leaf.subject = "CN=host.other.example";
    cases_three(c, "constraints-on-host-in-common-name", &t, IC_PKI_NAME_CONSTRAINT, 0);
    t.leaf.subject = "CN=J. R. Example";
    cases_three(c, "good-common-name-is-no-host", &t, IC_PKI_NONE, 0);
}

void cases_names(struct cases *c)
{
    run_rows(c, dns, IC_ARRAY_LEN(dns));
    run_rows(c, email, IC_ARRAY_LEN(email));
    run_rows(c, uri, IC_ARRAY_LEN(uri));
    run_rows(c, ip, IC_ARRAY_LEN(ip));
    run_rows(c, directory, IC_ARRAY_LEN(directory));
    reach(c);
}
