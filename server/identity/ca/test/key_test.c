/* The authority's key: made at the first start, in a file or in a token, and the same ever after. */
#include "identity/ca/private.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <ic/base/test.h>
#include <ic/os/os.h>
#include <softhsm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    char dir[64], why[ICD_IDENTITY_WHY];
    struct icd_identity_config config;
    struct icd_identity *id;
};

static int drop(const char *path, const struct stat *st, int kind, struct FTW *f)
{
    (void)st, (void)kind, (void)f;
    return remove(path);
}

static void place_close(struct place *p)
{
    icd_identity_free(p->id);
    if (p->dir[0])
        nftw(p->dir, drop, 8, FTW_DEPTH | FTW_PHYS);
}

static void place_open(struct place *p)
{
    *p = (struct place){.dir = "/tmp/icd-ca-XXXXXX"};
    if (!mkdtemp(p->dir))
        abort();
    icd_identity_config_default(&p->config);
    strcpy(p->config.base_url, "https://id.example.org:8443");
}
#define PLACE_SCOPE(name)                                                                          \
    __attribute__((cleanup(place_close))) struct place name;                                       \
    place_open(&name)

static uint64_t now_ms(void *ctx)
{
    (void)ctx;
    return 1795000000000;
}

static void on_answer(void *ctx, uint64_t ticket, struct icd_http_response *out)
{
    (void)ctx, (void)ticket, (void)out;
}

/* Starts the service in its folder; the former one ends first. */
static ic_err start(struct place *p)
{
    struct icd_identity_seam seam = {.config = &p->config,
                                     .data_dir = p->dir,
                                     .rand = ic_os_rand(),
                                     .now_ms = now_ms,
                                     .answer = on_answer};
    icd_identity_free(p->id);
    p->id = NULL;
    return icd_identity_new(&seam, p->why, &p->id);
}

static char *path_in(const struct place *p, const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", p->dir, name);
    return path;
}

TEST(ca_key_and_root_are_made_once)
{
    PLACE_SCOPE(p);
    struct stat st;
    uint8_t first[32];
    char text[64];
    CHECK_OK(start(&p));
    memcpy(first, icd_ca_root(p.id)->fingerprint, sizeof first);
    ic_pki_name_text(icd_ca_root(p.id)->subject, text, sizeof text);
    CHECK(strcmp(text, "O=id.example.org, CN=In Camera CA") == 0);
    CHECK_EQ_INT(stat(path_in(&p, "ca.key"), &st), 0);
    CHECK_EQ_INT(st.st_mode & 0777, 0600);
    CHECK_OK(start(&p));
    CHECK_BYTES(IC_VIEW_ARRAY(first), IC_VIEW_ARRAY(icd_ca_root(p.id)->fingerprint));
}

/* A root whose key is gone, is another, or can be read by others: it does not start, and says why. */
TEST(ca_does_not_start_with_a_wrong_key)
{
    PLACE_SCOPE(p);
    CHECK_OK(start(&p));
    CHECK_EQ_INT(chmod(path_in(&p, "ca.key"), 0644), 0);
    CHECK_ERR(start(&p), IC_ERR_DENIED);
    CHECK(strstr(p.why, "chmod 600"));
    CHECK_EQ_INT(unlink(path_in(&p, "ca.key")), 0);
    CHECK_ERR(start(&p), IC_ERR_NOT_FOUND);
    CHECK(strstr(p.why, "is missing"));
    CHECK_EQ_INT(access(path_in(&p, "ca.key"), F_OK), -1); /* nor makes another */
    char log_key[128];
    snprintf(log_key, sizeof log_key, "%s", path_in(&p, "log.key"));
    CHECK_EQ_INT(link(log_key, path_in(&p, "ca.key")), 0);
    CHECK_ERR(start(&p), IC_ERR_KEY);
    CHECK(strstr(p.why, "not the key of the root"));
}

TEST(ca_key_may_be_another_file)
{
    PLACE_SCOPE(p);
    snprintf(p.config.ca_key, sizeof p.config.ca_key, "%s/elsewhere.key", p.dir);
    CHECK_OK(start(&p));
    CHECK_EQ_INT(access(path_in(&p, "elsewhere.key"), F_OK), 0);
    CHECK_EQ_INT(access(path_in(&p, "ca.key"), F_OK), -1);
}

/* ---- in a token ---- */

static void write_pin(const struct place *p, const char *pin, mode_t mode)
{
    FILE *f = fopen(path_in(p, "pin"), "w");
    if (!f || fputs(pin, f) < 0 || fputc('\n', f) == EOF || fclose(f) != 0 ||
        chmod(path_in(p, "pin"), mode) != 0)
        abort();
}

static bool token(struct place *p, const char *object)
{
    if (!softhsm_start())
        return false;
    snprintf(p->config.ca_key, sizeof p->config.ca_key, "%s", softhsm_uri(object));
    snprintf(p->config.ca_pin_file, sizeof p->config.ca_pin_file, "%s", path_in(p, "pin"));
    write_pin(p, SOFTHSM_PIN, 0600);
    return true;
}

static ic_err issue(struct icd_identity *id, struct icd_ca_issued *out)
{
    static const struct ic_pki_name name = {IC_PKI_NAME_DNS, IC_VIEW_INIT("room.example.org")};
    IC_BUF_SCOPE(info, 256);
    struct ic_sign_key *key;
    struct ic_rand rand = ic_os_rand();
    IC_TRY(ic_sign_key_generate(IC_ECDSA_P256_SHA256, &rand, &key));
    ic_err e = ic_pki_key_info_encode(IC_ECDSA_P256_SHA256, ic_sign_key_public(key), &info);
    ic_sign_key_free(key);
    IC_TRY(e);
    struct icd_ca_order o = {.profile = IC_PKI_DEVICE,
                             .key_info = ic_buf_view(&info),
                             .org = 1,
                             .user = "",
                             .device = "room",
                             .organisation = "Example",
                             .common_name = "room.example.org",
                             .names = &name,
                             .name_count = 1};
    e = icd_ca_issue(id, &o, out);
    icd_identity_flush(id);
    return e;
}

TEST(ca_signs_in_a_token_and_its_key_never_leaves)
{
    PLACE_SCOPE(p);
    struct icd_ca_issued c;
    IC_SECRET_SCOPE(secret);
    IC_BUF_SCOPE(crl, IC_PKI_CRL_MAX);
    uint8_t first[32];
    if (!token(&p, "ca"))
        SKIP("no SoftHSM here");
    CHECK_OK(start(&p));
    memcpy(first, icd_ca_root(p.id)->fingerprint, sizeof first);
    CHECK_ERR(ic_sign_key_export(p.id->ca->key, &secret), IC_ERR_UNSUPPORTED);
    CHECK_EQ_INT(access(path_in(&p, "ca.key"), F_OK), -1);
    CHECK_OK(issue(p.id, &c));
    CHECK_OK(icd_ca_revoke(p.id, c.serial, IC_PKI_REVOKED_SUPERSEDED));
    CHECK_OK(icd_ca_crl(p.id, &crl));
    icd_identity_flush(p.id);
    struct ic_pki_crl list;
    CHECK_OK(ic_pki_crl_decode(ic_buf_view(&crl), &list, NULL));
    CHECK_OK(ic_pki_crl_verify(&list, icd_ca_root(p.id), NULL));
    CHECK_EQ_INT(list.count, 1);
    CHECK_OK(start(&p)); /* the same key is found again */
    CHECK_BYTES(IC_VIEW_ARRAY(first), IC_VIEW_ARRAY(icd_ca_root(p.id)->fingerprint));
}

TEST(ca_does_not_start_without_its_token)
{
    PLACE_SCOPE(p);
    if (!token(&p, "ca2"))
        SKIP("no SoftHSM here");
    CHECK_OK(start(&p));
    write_pin(&p, SOFTHSM_PIN, 0640);
    CHECK_ERR(start(&p), IC_ERR_DENIED);
    CHECK(strstr(p.why, "others may read this PIN"));
    write_pin(&p, "0000", 0600);
    CHECK_ERR(start(&p), IC_ERR_AUTH);
    CHECK(strstr(p.why, "ca_key") && !strstr(p.why, "0000"));
    write_pin(&p, SOFTHSM_PIN, 0600);
    snprintf(p.config.ca_key, sizeof p.config.ca_key, "%s", softhsm_uri("other"));
    CHECK_ERR(start(&p), IC_ERR_NOT_FOUND); /* nor makes another */
}
