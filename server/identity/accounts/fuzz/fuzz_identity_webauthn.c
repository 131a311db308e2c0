/* What a browser sends of a passkey. First byte: 'm' a new one, else a sign-in, and then as JSON; whatever is
 * decoded is verified against keys of each algorithm. */
#include "identity/accounts/webauthn.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const origins[] = {"https://id.example.org", "http://localhost:8080"};
static const struct icd_webauthn_site site = {"id.example.org", origins, 2};

static void login(const struct icd_webauthn_sent *s)
{
    static const int algorithms[] = {-7, -8, -257, 0};
    static const size_t lengths[] = {64, 32, 259, 0};
    for (size_t i = 0; i < 4; i++) {
        struct icd_webauthn_key key = {.algorithm = algorithms[i], .len = lengths[i]};
        uint32_t counter = 0;
        const char *why = NULL;
        memset(key.b, 7, sizeof key.b);
        if (icd_webauthn_login_verify(&site, s, &key, &counter, &why) == IC_OK)
            abort(); /* nobody has signed by these */
        if (!why)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct icd_webauthn_sent s;
    struct icd_webauthn_key key;
    const char *why = NULL;
    if (size == 0)
        return 0;
    struct ic_view json = ic_view(data + 1, size - 1);
    bool making = data[0] == 'm';
    if ((making ? icd_webauthn_made_parse(json, &s) : icd_webauthn_login_parse(json, &s)) != IC_OK)
        return 0;
    if (!making)
        login(&s);
    else if (icd_webauthn_made_verify(&site, &s, &key, &why) == IC_OK && key.len == 0)
        abort();
    icd_webauthn_sent_clear(&s);
    return 0;
}
