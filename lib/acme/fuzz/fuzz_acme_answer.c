/* A server that answers whatever it likes: it is never asked elsewhere, and it comes to an end. */
#include <ic/acme/acme.h>

#include <assert.h>
#include <ic/base/mem.h>
#include <ic/base/reader.h>
#include <ic/pki/csr.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ic_sign_key *key, *account;
static struct ic_buf csr = {.max = 4096};

static void start(void)
{
    const struct ic_pki_name name = {IC_PKI_NAME_EMAIL, IC_VIEW_STR("a@b.example")};
    const struct ic_pki_csr_spec spec = {.names = &name, .name_count = 1};
    uint8_t scalar[32] = {1};
    if (key)
        return;
    if (ic_sign_key_import(IC_ED25519, IC_VIEW_ARRAY(scalar), &key) != IC_OK)
        abort();
    scalar[0] = 2;
    if (ic_sign_key_import(IC_ED25519, IC_VIEW_ARRAY(scalar), &account) != IC_OK ||
        ic_pki_csr_make(&spec, key, &csr) != IC_OK)
        abort();
}

/* A line of the input, its end replaced by a NUL; NULL where it is empty. */
static const char *line(char **rest)
{
    char *at = *rest, *end = at ? strchr(at, '\n') : NULL;
    if (!at)
        return NULL;
    *rest = end ? end + 1 : NULL;
    if (end)
        *end = 0;
    return *at ? at : NULL;
}

/* Four lines an answer: status, nonce, location and Retry-After, body. */
static bool answer(struct ic_acme *a, char **rest, uint64_t now_ms)
{
    const char *status = line(rest), *nonce = line(rest), *location = line(rest);
    if (!*rest)
        return false;
    struct ic_acme_answer out = {.status = status ? atoi(status) : 200,
                                 .nonce = nonce,
                                 .location = location,
                                 .retry_after = nonce,
                                 .body = ic_view_cstr(line(rest))};
    ic_acme_answer(a, &out, now_ms);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct ic_acme_name name = {"email", "a@b.example"};
    struct ic_acme *a = NULL;
    struct ic_acme_request r;
    uint64_t now_ms = 1, wait_ms = 0;
    start();
    char *text IC_AUTOFREE = ic_calloc(1, size + 1), *rest = text;
    const struct ic_acme_config c = {
        .key = account, .directory = "https://ca.test/d", .challenge = "http-01"};
    if (!text || ic_acme_new(&c, &a) != IC_OK)
        return 0;
    memcpy(text, data, size);
    if (ic_acme_order(a, &name, 1, ic_buf_view(&csr)) != IC_OK)
        abort();
    for (int i = 0; i < 1000; i++) {
        enum ic_acme_step step = ic_acme_next(a, now_ms, &r, &wait_ms);
        if (step == IC_ACME_DONE || step == IC_ACME_FAILED)
            break;
        if (step == IC_ACME_WAIT)
            now_ms += wait_ms;
        else if (step == IC_ACME_CHALLENGE)
            assert(ic_acme_respond(a, IC_VIEW_STR("{}")) == IC_OK);
        else if (strncmp(r.url, "https://ca.test/", 16) != 0)
            abort();
        else if (!answer(a, &rest, now_ms))
            break;
    }
    assert(ic_view_is_text(ic_view_cstr(ic_acme_why(a))));
    ic_acme_free(a);
    return 0;
}
