/* "All calls may be made from any thread": what providers keep for the process is made by whoever comes
 * first, so several come at once. */
#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/crypto/hpke.h>
#include <ic/crypto/sign.h>
#include <pthread.h>

enum { THREADS = 4, ROUNDS = 3 };

static ic_err one_suite(const struct ic_suite *s, const struct ic_rand *rand)
{
    IC_CLEANUP(ic_sign_key_free_scope) struct ic_sign_key *k = NULL;
    IC_CLEANUP(ic_kem_pair_clear) struct ic_kem_pair pair = {0};
    struct ic_hpke_info info;
    uint8_t sig[IC_SIG_MAX], enc[IC_KEM_PUBLIC_MAX], sealed[4 + IC_AEAD_TAG_LEN], out[4];
    size_t len;
    IC_TRY(ic_sign_key_generate(s->sig, rand, &k));
    IC_TRY(ic_sign(k, IC_VIEW_STR("text"), sig, &len));
    IC_TRY(ic_verify(s->sig, ic_sign_key_public(k), IC_VIEW_STR("text"), ic_view(sig, len)));
    IC_TRY(ic_kem_generate_pair(s->kem, rand, &pair));
    ic_hpke_info_init(&info, ic_hpke_suite_of(s), ic_view(NULL, 0));
    struct ic_view pub = ic_view(pair.public_key, pair.public_len);
    IC_TRY(ic_hpke_seal(&info, pub, ic_view(NULL, 0), IC_VIEW_STR("text"), rand, enc, sealed));
    return ic_hpke_open(&info, ic_secret_view(&pair.private_key), pub, ic_view(enc, pub.len),
                        ic_view(NULL, 0), IC_VIEW_ARRAY(sealed), out);
}

static void *all_suites(void *result)
{
    struct ic_rand rand = ic_test_os_rand();
    ic_err *e = result;
    const struct ic_suite *s;
    for (int round = 0; round < ROUNDS && *e == IC_OK; round++) {
        for (size_t i = 0; *e == IC_OK && (s = ic_suite_at(i)); i++)
            *e = one_suite(s, &rand);
    }
    return NULL;
}

TEST(threads_may_come_at_once)
{
    pthread_t thread[THREADS];
    ic_err result[THREADS] = {IC_OK};
    for (int i = 0; i < THREADS; i++)
        CHECK_EQ_INT(pthread_create(&thread[i], NULL, all_suites, &result[i]), 0);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQ_INT(pthread_join(thread[i], NULL), 0);
    for (int i = 0; i < THREADS; i++)
        CHECK_OK(result[i]);
}
