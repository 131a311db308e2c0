/* What a stranger can POST, up to the signature: the envelope, its header, its key; then what its payload
 * may be, names and contacts. */
#include "identity/acme/jws.h"
#include "identity/acme/name.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void payload(struct ic_view v)
{
    struct icd_acme_problem p = {0};
    struct icd_acme_names names;
    json_t *contacts = NULL,
           *o = json_loadb((const char *)v.p, v.len, JSON_REJECT_DUPLICATES, NULL);
    if (icd_acme_names_read(json_object_get(o, "identifiers"), &names, &p) == IC_OK &&
        (names.count == 0 || names.count > ICD_ACME_NAMES))
        abort();
    icd_acme_problem_clear(&p);
    if (icd_acme_contacts_read(json_object_get(o, "contact"), &contacts, &p) == IC_OK)
        json_decref(contacts);
    icd_acme_problem_clear(&p);
    json_decref(o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct icd_acme_problem p = {0};
    struct icd_acme_jws jws;
    enum icd_acme_place place = size % 2 ? ICD_ACME_INNER : ICD_ACME_OUTER;
    payload(ic_view(data, size));
    if (icd_acme_jws_open(ic_view(data, size), place, &jws, &p) != IC_OK) {
        json_decref(icd_acme_problem_json(&p));
        icd_acme_problem_clear(&p);
        return 0;
    }
    if (!jws.url || (jws.nonce != NULL) != (place == ICD_ACME_OUTER))
        abort();
    payload(ic_buf_view(&jws.payload));
    if (!jws.kid)
        (void)icd_acme_jws_verify(&jws, &jws.key, &p);
    icd_acme_jws_clear(&jws);
    icd_acme_problem_clear(&p);
    return 0;
}
