/* A certification request for the key that is loaded: the key stays where it is. */
#include "glue.h"

#include <ic/pki/csr.h>

/* The e-mail address lies in the room in; the request in DER to the room out. Whose name it will be says the
 * authority, by the account. */
ICW_EXPORT int icw_csr(int len)
{
    struct ic_pki_name name = {IC_PKI_NAME_EMAIL, icw_given(len)};
    struct ic_pki_csr_spec spec = {.names = &name, .name_count = 1};
    if (!icw.identity)
        return -IC_ERR_STATE;
    return icw_done(ic_pki_csr_make(&spec, icw.identity, icw_answer()));
}
