#include "state_scene.h"

#include <stdlib.h>

static void must(ic_err e)
{
    if (e != IC_OK)
        abort();
}

static void hear(struct live *l, struct ic_view m)
{
    struct ic_mls_received r;
    must(ic_mls_process(l->receiver, m, &r));
    if (r.staged)
        must(ic_mls_merge(l->receiver, r.staged));
    r.staged = NULL;
    ic_mls_received_clear(&r);
}

static void say(struct live *l, bool heard)
{
    IC_BUF_SCOPE(m, 1 << 16);
    must(ic_mls_protect(l->sender, IC_VIEW_STR("hello"), ic_view(NULL, 0), &m));
    if (heard)
        hear(l, ic_buf_view(&m));
}

void state_scene_open(struct live *l)
{
    const struct ic_mls_commit_params update = {.force_path = true};
    struct ic_mls_staged *s;
    IC_BUF_SCOPE(m, 1 << 16);
    live_open(l);
    say(l, false);
    say(l, true);
    must(ic_mls_commit_create(l->sender, &update, &s));
    hear(l, ic_mls_staged_commit(s));
    must(ic_mls_merge(l->sender, s));
    say(l, false);
    say(l, true);
    must(ic_mls_propose_update(l->receiver, NULL, ic_view(NULL, 0), &m));
}

ic_err state_scene_decode(const struct live *l, struct ic_view bytes, struct ic_mls_group **out)
{
    const struct ic_sign_key *const signers[] = {l->signers[0], l->signers[1]};
    return ic_mls_state_decode(&l->config, signers, 2, bytes, out);
}
