/* The harness asks for what an application has no business with: private keys, and the tree of an epoch
 * that is not there yet. They are read from the library's own structs, as tests may. */
#include "interop.h"

#include <member/state.h>

ic_err insides_staged_tree(const struct ic_mls_staged *s, struct ic_buf *out)
{
    return ic_mlspub_diff_encode(s->diff, out);
}

struct ic_view insides_init_key(const struct ic_mls_key_package *k)
{
    return ic_secret_view(&k->init_key);
}

struct ic_view insides_leaf_key(const struct ic_mls_key_package *k)
{
    return ic_secret_view(&k->leaf_key);
}

void insides_forget_fault(struct ic_mls_group *g)
{
    g->fault = IC_MLSPUB_FAULT_NONE;
}
