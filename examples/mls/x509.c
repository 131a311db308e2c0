/* Members with X.509 certificates: each is who a root says, and whom it does not vouch for is not let in (sections
 * 5.3 and 5.3.1). `./x509 FOLDER`: root.der; and of ana, ben and mallory NAME.der, the certificate, and NAME.key,
 * the 32 bytes of its Ed25519 key. */
#include "people.h"

#include <ic/pkimls/credential.h>

enum { FILE_MAX = 65536 };

/* Appends a file of the folder to out. */
static struct ic_view file(const char *folder, const char *name, const char *kind,
                           struct ic_buf *out)
{
    char path[512];
    static uint8_t bytes[FILE_MAX];
    snprintf(path, sizeof path, "%s/%s.%s", folder, name, kind);
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        exit(1);
    }
    size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    must(ic_buf_append(out, ic_view(bytes, n)));
    ic_wipe(bytes, n);
    return ic_buf_view(out);
}

/* A person with a certificate, who judges those of others. credential: where the chain is kept. */
static void certified_init(struct person *p, const char *folder, const char *name,
                           struct ic_pkimls_verifier *judge, struct ic_buf *credential)
{
    IC_BUF_SCOPE(der, FILE_MAX);
    IC_BUF_SCOPE(seed, FILE_MAX);
    person_init(p, name);
    ic_sign_key_free(p->key);
    must(ic_sign_key_import(IC_ED25519, file(folder, name, "key", &seed), &p->key));
    struct ic_view chain = file(folder, name, "der", &der); /* leaf first; here it is alone */
    ic_buf_init(credential, FILE_MAX);
    must(ic_pkimls_credential(&chain, 1, credential, &p->id.credential));
    p->id.signer = p->key;
    p->config.check_credentials = ic_pkimls_check_credentials;
    p->config.ctx = judge;
    ic_wipe(seed.p, seed.len);
}

int main(int argc, char **argv)
{
    struct person ana, ben, mallory;
    struct ic_buf chains[3];
    struct ic_pki_store *roots;
    struct ic_pki_fault bad_root;
    const struct ic_pki_policy policy = {0};
    IC_BUF_SCOPE(root, FILE_MAX);
    if (argc != 2) {
        fprintf(stderr, "usage: x509 FOLDER\n");
        return 2;
    }
    must(ic_pki_store_new(&policy, &roots));
    must(ic_pki_store_add_root(roots, file(argv[1], "root", "der", &root), &bad_root));
    struct ic_pkimls_verifier judge = {.store = roots, .clock = ic_os_clock()};
    certified_init(&ana, argv[1], "ana", &judge, &chains[0]);
    certified_init(&ben, argv[1], "ben", &judge, &chains[1]);
    certified_init(&mallory, argv[1], "mallory", &judge, &chains[2]);

    create(&ana);
    add(&ana, &ben); /* each has judged the other's chain */
    expect(agree(&ana, &ben), "two people whom the root vouches for are in one group");

    struct ic_mls_key_package *k;
    struct ic_mls_staged *s;
    must(ic_mls_key_package_new(&mallory.config, &mallory.id, none, &k));
    struct ic_view key_package = ic_mls_key_package_message(k);
    const struct ic_mls_commit_params params = {.adds = &key_package, .add_count = 1};
    expect(ic_mls_commit_create(ana.g, &params, &s) != IC_OK, "who has another root stays outside");
    printf("  %s: %s\n", ic_mls_last_rule(ana.g), judge.fault.text);

    ic_mls_key_package_free(k);
    person_clear(&ana);
    person_clear(&ben);
    person_clear(&mallory);
    for (size_t i = 0; i < 3; i++)
        ic_buf_clear(&chains[i]);
    ic_pki_store_free(roots);
    puts("ok");
}
