/* Ana's program ends and starts again: the group is kept as bytes, without its signing key. Programs that
 * save after every step use ic_mls_save and a store instead, which writes what has changed. */
#include "people.h"
#include <ic/mls/store.h>

int main(void)
{
    struct person ana, ben;
    person_init(&ana, "ana");
    person_init(&ben, "ben");
    create(&ana);
    add(&ana, &ben);

    IC_BUF_SCOPE(message, 65536);
    must(ic_mls_protect(ben.g, IC_VIEW_STR("are you still there?"), none, &message));

    /* Saved, ended, started, loaded: the keys of the message that is on its way are there. */
    IC_BUF_SCOPE(state, 1 << 20);
    must(ic_mls_state_encode(ana.g, &state));
    ic_mls_group_free(ana.g);
    ana.g = NULL;
    const struct ic_sign_key *keys[] = {ana.key};
    must(ic_mls_state_decode(&ana.config, keys, 1, ic_buf_view(&state), &ana.g));
    ic_buf_clear_secret(&state);

    struct ic_mls_received r;
    must(ic_mls_process(ana.g, ic_buf_view(&message), &r));
    expect(ic_view_equal(ic_buf_view(&r.application), IC_VIEW_STR("are you still there?")),
           "Ana reads what was sent meanwhile");
    ic_mls_received_clear(&r);
    expect(agree(&ana, &ben), "both agree");
    person_clear(&ana);
    person_clear(&ben);
    puts("ok");
}
