#include "saved_scene.h"

void scene_close(struct scene *s)
{
    memory_store_clear(&s->m);
    world_clear(&s->w);
}

void scene_open(struct scene *s)
{
    IC_BUF_SCOPE(m, 65536);
    CHECK_OK(world_init(&s->w, ic_suite_find(1), 77));
    CHECK_OK(world_create(&s->w));
    CHECK_OK(world_add(&s->w, 0, (const size_t[]){1, 2}, 2));
    CHECK_OK(world_talk(&s->w, 1));
    CHECK_OK(world_update(&s->w, 2));
    CHECK_OK(world_say(&s->w, 1, "skipped", &m));
    CHECK_OK(world_talk(&s->w, 1));
    ic_buf_reset(&m);
    s->g = s->w.people[0].g;
    CHECK_OK(ic_mls_propose_update(s->g, NULL, ic_view(NULL, 0), &m));
    CHECK_OK(world_propose(&s->w, 0, &m));
    s->store = memory_store(&s->m);
    CHECK_OK(ic_mls_save(s->g, &s->store));
}

ic_err scene_load_with(struct scene *s, size_t signer, struct ic_mls_group **out)
{
    const struct ic_sign_key *const signers[] = {s->w.people[signer].signer};
    return ic_mls_load(&s->w.config, signers, 1, &s->store, out);
}

ic_err scene_load(struct scene *s, struct ic_mls_group **out)
{
    s->w.fault = IC_MLSPUB_FAULT_NONE;
    return scene_load_with(s, 0, out);
}

ic_err scene_decode(struct scene *s, struct ic_view bytes)
{
    struct ic_mls_group *g;
    const struct ic_sign_key *const signers[] = {s->w.people[0].signer};
    IC_TRY(ic_mls_state_decode(&s->w.config, signers, 1, bytes, &g));
    ic_mls_group_free(g);
    return IC_OK;
}

void scene_sum_up(struct memory_record *r)
{
    if (ic_mls_record_checked(r->key.kind) && r->len >= IC_MLS_RECORD_CHECK_LEN)
        ic_mls_record_check(&r->key, ic_view(r->value, r->len - IC_MLS_RECORD_CHECK_LEN),
                            r->value + r->len - IC_MLS_RECORD_CHECK_LEN);
}

enum { STAMP = 17 + 1 + 20, MAGIC = 4, END = 1 };

struct ic_view records_of(const struct ic_buf *b)
{
    return ic_view_sub(ic_buf_view(b), MAGIC + STAMP, b->len - MAGIC - STAMP - END);
}

struct ic_view records_in(const struct ic_buf *b)
{
    return ic_view_sub(ic_buf_view(b), STAMP, b->len - STAMP);
}
