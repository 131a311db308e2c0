#include "people.h"

#include <ic/base/mem.h>
#include <ic/os/os.h>
#include <ic/pki/store.h>
#include <stdio.h>

enum { CHAIN_MAX = 65536, STAPLE_MAX = 4096 };

ic_err load_people_make(struct load_people *p, size_t count, enum ic_sig_id sig, const char *domain)
{
    struct ic_rand rand = ic_os_rand();
    *p = (struct load_people){.list = ic_new_array(count, struct load_person), .count = count};
    ic_buf_init(&p->log_key, 256);
    if (!p->list)
        return IC_ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        struct load_person *one = &p->list[i];
        snprintf(one->email, sizeof one->email, "person%zu@%s", i, domain);
        snprintf(one->name, sizeof one->name, "Person %zu", i);
        ic_buf_init(&one->chain, CHAIN_MAX);
        ic_buf_init(&one->staple, STAPLE_MAX);
        IC_TRY(ic_sign_key_generate(sig, &rand, &one->key));
    }
    return IC_OK;
}

void load_people_clear(struct load_people *p)
{
    for (size_t i = 0; p->list && i < p->count; i++) {
        ic_sign_key_free(p->list[i].key);
        ic_buf_clear(&p->list[i].chain);
        ic_buf_clear(&p->list[i].staple);
    }
    ic_free(p->list);
    ic_pki_store_free(p->roots);
    ic_buf_clear(&p->log_key);
    *p = (struct load_people){0};
}
