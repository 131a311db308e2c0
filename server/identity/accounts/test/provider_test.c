/* Sign-in providers: whom one signs in, and where the server goes for it. */
#include "identity/accounts/private.h"
#include "identity/accounts/test/house.h"

#include <arpa/inet.h>
#include <ic/base/test.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct icd_provider provider(int64_t org, const char *issuer)
{
    struct icd_provider p = {.org = org, .name = "Login", .client_id = "web", .trust_email = true};
    snprintf(p.issuer, sizeof p.issuer, "%s", issuer);
    return p;
}

static const struct icd_oidc_claims claims = {
    .subject = "s-1", .email = "ana@example.org", .email_verified = true};

TEST(provider_that_is_gone_signs_nobody_in)
{
    struct house h;
    struct icd_provider p, next, other;
    struct icd_user u;
    bool linked;
    const char *why = "";
    house_open(&h);
    struct icd_identity *id = h.w.id;
    p = provider(h.org, "https://login.example.org");
    CHECK_OK(icd_accounts_provider_add(id, &p));
    CHECK_OK(icd_link_find(id, &p, &claims, &u, &linked, &why));
    CHECK(linked && strcmp(u.id, h.ana.id) == 0);
    /* What the pool has had in hand meanwhile is a copy of this one, whatever there is by now. */
    CHECK_OK(icd_accounts_provider_remove(id, h.org, p.id));
    CHECK_ERR(icd_link_find(id, &p, &claims, &u, &linked, &why), IC_ERR_DENIED);
    CHECK(strcmp(why, "this provider is there no more") == 0);
    next = provider(h.org, "https://login.example.org");
    CHECK_OK(icd_accounts_provider_add(id, &next));
    CHECK(next.id != p.id);
    CHECK_ERR(icd_link_find(id, &p, &claims, &u, &linked, &why), IC_ERR_DENIED);
    /* Nor one that is another by now. */
    other = next;
    snprintf(other.issuer, sizeof other.issuer, "https://evil.example");
    CHECK_ERR(icd_link_find(id, &other, &claims, &u, &linked, &why), IC_ERR_DENIED);
    other = next;
    snprintf(other.client_id, sizeof other.client_id, "other");
    CHECK_ERR(icd_link_find(id, &other, &claims, &u, &linked, &why), IC_ERR_DENIED);
    other = next;
    other.org++;
    CHECK_ERR(icd_link_find(id, &other, &claims, &u, &linked, &why), IC_ERR_DENIED);
    CHECK_OK(icd_link_find(id, &next, &claims, &u, &linked, &why));
    world_close(&h.w);
}

TEST(provider_is_believed_as_its_row_says_now)
{
    struct house h;
    struct icd_provider p, stale;
    struct icd_user u;
    bool linked;
    const char *why;
    house_open(&h);
    p = provider(h.org, "https://login.example.org");
    p.trust_email = false;
    CHECK_OK(icd_accounts_provider_add(h.w.id, &p));
    stale = p;
    stale.trust_email = true;
    CHECK_ERR(icd_link_find(h.w.id, &stale, &claims, &u, &linked, &why), IC_ERR_DENIED);
    world_close(&h.w);
}

TEST(provider_signs_in_its_own_organisation_alone)
{
    struct house h;
    struct icd_provider p;
    struct icd_user u;
    int64_t org;
    bool linked;
    const char *why;
    house_open(&h);
    CHECK_OK(icd_accounts_org_add(h.w.id, IC_VIEW_STR("Other"), &org));
    p = provider(org, "https://login.example.org");
    CHECK_OK(icd_accounts_provider_add(h.w.id, &p));
    CHECK_OK(icd_id_write(h.w.id));
    CHECK_OK(icd_store_exec(h.w.id->store,
                            "INSERT INTO links(provider, subject, owner, created_ms)"
                            " VALUES($1, 's-1', $2, 0)",
                            NULL, ICD_PARAMS(ICD_INT(p.id), ICD_TEXT(ic_view_cstr(h.ana.id)))));
    CHECK_ERR(icd_link_find(h.w.id, &p, &claims, &u, &linked, &why), IC_ERR_DENIED);
    world_close(&h.w);
}

/* A socket of this machine that listens, or -1. */
static int listen_here(unsigned *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t n = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool ok = bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 4) == 0 &&
              getsockname(fd, (struct sockaddr *)&at, &n) == 0;
    *port = ntohs(at.sin_port);
    return ok ? fd : -1;
}

TEST(provider_sends_the_server_to_no_address_of_its_own_network)
{
    static const char *const issuers[] = {"https://127.0.0.1", "https://localhost",
                                          "http://127.0.0.1"};
    struct house h;
    char issuer[64], body[64];
    unsigned port;
    int fd = listen_here(&port);
    CHECK(fd >= 0);
    house_open(&h);
    for (size_t i = 0; i < sizeof issuers / sizeof *issuers; i++) {
        snprintf(issuer, sizeof issuer, "%s:%u", issuers[i], port);
        struct icd_provider p = provider(h.org, issuer);
        CHECK_OK(icd_accounts_provider_add(h.w.id, &p));
        icd_identity_flush(h.w.id);
        snprintf(body, sizeof body, "{\"provider\":%lld}", (long long)p.id);
        CHECK_EQ_INT(world_call(&h.w, "POST", API "signin/oidc/begin", "", body), 502);
        CHECK(accept(fd, NULL, NULL) < 0); /* nobody came */
    }
    close(fd);
    world_close(&h.w);
}
