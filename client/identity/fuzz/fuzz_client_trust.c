/* A server's trust list, and contacts: whatever they say, what is taken is well-formed. */
#include "identity/contacts.h"
#include "identity/trust.h"

#include <assert.h>
#include <ic/base/mem.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct icc_trust *t IC_AUTOFREE = ic_new(struct icc_trust);
    struct icc_contacts c = {0}, again = {0};
    char why[300] = "";
    if (t && icc_trust_parse(ic_view(data, size), t, why, sizeof why) == IC_OK) {
        assert(icc_trust_equal(t, t) && ic_view_is_text(ic_view_cstr(t->organisation)));
        for (size_t i = 0; i < t->root_count; i++)
            assert(icc_trust_has(t, &t->roots[i]) && t->roots[i].der.len);
        icc_trust_clear(t);
    }
    char line[200] = "", code[ICC_KEY_CODE];
    uint8_t hash[32], same[32];
    memcpy(line, data, size < sizeof line - 1 ? size : sizeof line - 1);
    if (icc_key_code_parse(line, hash)) {
        icc_key_code(hash, code);
        assert(icc_key_code_parse(code, same) && memcmp(hash, same, 32) == 0);
    }
    if (icc_contacts_parse(ic_view(data, size), &c) == IC_OK) {
        IC_BUF_SCOPE(text, 8 << 20);
        assert(icc_contacts_write(&c, &text) == IC_OK);
        assert(icc_contacts_parse(ic_buf_view(&text), &again) == IC_OK && again.count == c.count);
        icc_contacts_clear(&again);
        icc_contacts_clear(&c);
    }
    return 0;
}
