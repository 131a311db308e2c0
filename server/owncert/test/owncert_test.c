#include "maker.h"
#include "owncert/owncert.h"
#include "owncert/private.h"

#include <ic/base/test.h>
#include <ic/pki/cert.h>
#include <ic/pki/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void read_text(const char *path, struct ic_buf *out)
{
    uint8_t *room;
    FILE *f = fopen(path, "re");
    size_t before = out->len;
    if (f && ic_buf_extend(out, 8192, &room) == IC_OK)
        out->len = before + fread(room, 1, 8192, f);
    if (f)
        fclose(f);
}

TEST(owncert_makes_a_key_and_a_stand_in_once)
{
    char dir[] = "/tmp/icd-owncert-XXXXXX", sub[64], certificate[ICD_OWNCERT_PATH],
         key[ICD_OWNCERT_PATH], why[ICD_OWNCERT_WHY] = "", command[100];
    const struct icd_owncert_config c = {.domains = "meet.ring.example"};
    struct ic_rand rand = ic_test_os_rand();
    struct ic_sign_key *one = NULL, *two = NULL;
    struct ic_pki_cert cert;
    struct stat st;
    IC_BUF_SCOPE(pem, 65536);
    IC_BUF_SCOPE(der, IC_PKI_CERT_MAX);
    CHECK(mkdtemp(dir) != NULL);
    snprintf(sub, sizeof sub, "%s/acme", dir);
    icd_owncert_paths(sub, certificate, key);
    CHECK_OK(icd_owncert_prepare(&c, sub, 1795430000, &rand, why));
    CHECK(stat(key, &st) == 0 && (st.st_mode & 0777) == 0600);
    CHECK(stat(sub, &st) == 0 && (st.st_mode & 0777) == 0700);
    CHECK_OK(icd_owncert_key(key, &one));
    read_text(certificate, &pem);
    struct ic_view rest = ic_buf_view(&pem);
    CHECK_OK(ic_pki_pem_next(&rest, "CERTIFICATE", &der));
    CHECK_OK(ic_pki_cert_decode(ic_buf_view(&der), &cert, NULL));
    CHECK_BYTES(cert.key, ic_sign_key_public(one));
    CHECK_EQ_INT(icd_owncert_due_ms(ic_buf_view(&pem), c.domains, 0),
                 0); /* to be replaced at once */
    CHECK_OK(icd_owncert_prepare(&c, sub, 1795430001, &rand, why));
    CHECK_OK(icd_owncert_key(key, &two)); /* links pin it: it stays */
    CHECK_BYTES(ic_sign_key_public(one), ic_sign_key_public(two));
    ic_sign_key_free(one);
    ic_sign_key_free(two);
    snprintf(command, sizeof command, "rm -r '%s'", dir);
    CHECK_EQ_INT(system(command), 0);
    CHECK_ERR(icd_owncert_prepare(&c, "/dev/null/acme", 1795430000, &rand, why), IC_ERR_IO);
    CHECK(strstr(why, "/dev/null/acme") != NULL);
}

TEST(owncert_is_due_at_two_thirds_or_for_another_name)
{
    MAKER_SCOPE(m, 3);
    struct maker_key *root = maker_key(&m, IC_ECDSA_P256_SHA256);
    struct ic_view der =
        maker_cert(&m, &(struct maker_spec){.subject = "CN=meet",
                                            .issuer = "CN=CA",
                                            .key = maker_key(&m, IC_ECDSA_P256_SHA256),
                                            .signer = root,
                                            .not_before = 1000,
                                            .not_after = 4000,
                                            .names = "DNS:meet.ring.example,DNS:b.ring.example"});
    IC_BUF_SCOPE(pem, 8192);
    CHECK_OK(ic_pki_pem_encode("CERTIFICATE", der, &pem));
    struct ic_view v = ic_buf_view(&pem);
    CHECK_EQ_INT(icd_owncert_due_ms(v, "meet.ring.example", 0), 3000000);
    CHECK_EQ_INT(icd_owncert_due_ms(v, "b.ring.example, MEET.ring.example", 0), 3000000);
    CHECK_EQ_INT(icd_owncert_due_ms(v, "meet.ring.example", 2500), 3500000);
    CHECK_EQ_INT(icd_owncert_due_ms(v, "meet.ring.example", 500), 3000000);
    CHECK_EQ_INT(icd_owncert_due_ms(v, "meet.ring.example new.ring.example", 0), 0);
    CHECK_EQ_INT(icd_owncert_due_ms(IC_VIEW_STR("no certificate"), "a", 0), 0);
}
