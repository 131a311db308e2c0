/* make-mls-states FOLDER: writes a state of the version at hand for each suite to FOLDER/suite-N.txt. Once a
 * version is released, its files in tests/vectors/own/state stay as they are: state_versions_test.c reads
 * them all. */
#include "state_file.h"
#include "world.h"

#include <ic/mls/store.h>
#include <stdio.h>

static ic_err append(struct ic_buf *out, struct ic_view v)
{
    ic_buf_reset(out);
    return ic_buf_append(out, v);
}

/* Member 0 has records of every kind: past epochs, skipped keys, PSKs, proposals, an Update of its own. */
static ic_err live(struct world *w, struct state_file *f)
{
    IC_BUF_SCOPE(m, 65536);
    IC_TRY(world_create(w));
    IC_TRY(world_add(w, 0, (const size_t[]){1, 2, 3, 4}, 4));
    IC_TRY(world_talk(w, 1));
    IC_TRY(world_say(w, 1, "late", &f->field[STATE_LATE]));
    IC_TRY(world_update(w, 2));
    IC_TRY(world_say(w, 3, "skipped", &f->field[STATE_SKIPPED]));
    IC_TRY(world_talk(w, 3));
    IC_TRY(world_talk(w, 0));
    IC_TRY(ic_mls_propose_update(w->people[0].g, NULL, ic_view(NULL, 0), &m));
    IC_TRY(world_propose(w, 0, &m));
    ic_buf_reset(&m);
    IC_TRY(ic_mls_propose_remove(w->people[1].g, 2, ic_view(NULL, 0), &m));
    return world_propose(w, 1, &m);
}

/* With a commit of its own on the way. */
static ic_err fill_state(struct world *w, struct state_file *f)
{
    const struct ic_mls_commit_params p = {.force_path = true};
    struct ic_mls_staged *s;
    IC_TRY(ic_mls_commit_create(w->people[0].g, &p, &s));
    ic_err e = ic_mls_state_encode_staged(w->people[0].g, s, &f->field[STATE_STATE]);
    if (e == IC_OK)
        e = append(&f->field[STATE_COMMIT], ic_mls_staged_commit(s));
    ic_mls_discard(s);
    return e;
}

static ic_err fill(struct world *w, struct state_file *f)
{
    uint8_t suite[2], export[32];
    struct ic_mls_key_package *k;
    IC_SECRET_SCOPE(signer);
    const struct ic_mls_group *g = w->people[0].g;
    ic_store_u16(suite, w->suite->id);
    IC_TRY(append(&f->field[STATE_SUITE], IC_VIEW_ARRAY(suite)));
    IC_TRY(ic_sign_key_export(w->people[0].signer, &signer));
    IC_TRY(append(&f->field[STATE_SIGNER], ic_secret_view(&signer)));
    IC_TRY(fill_state(w, f));
    IC_TRY(append(&f->field[STATE_AUTHENTICATOR], ic_mls_epoch_authenticator(g)));
    IC_TRY(ic_mls_export(g, "test", IC_VIEW_STR("x"), export, sizeof export));
    IC_TRY(append(&f->field[STATE_EXPORT], IC_VIEW_ARRAY(export)));
    IC_TRY(ic_mls_key_package_new(&w->config, &w->people[0].id, ic_view(NULL, 0), &k));
    ic_err e = ic_mls_key_package_encode(k, &f->field[STATE_KEY_PACKAGE]);
    if (e == IC_OK)
        e = append(&f->field[STATE_REF], ic_mls_key_package_ref(k));
    ic_mls_key_package_free(k);
    return e;
}

static ic_err make(const char *folder, const struct ic_suite *s)
{
    char path[512];
    struct world w;
    struct state_file f;
    snprintf(path, sizeof path, "%s/suite-%u.txt", folder, s->id);
    state_file_init(&f);
    ic_err e = world_init(&w, s, 1000u + s->id);
    if (e == IC_OK)
        e = live(&w, &f);
    if (e == IC_OK)
        e = fill(&w, &f);
    if (e == IC_OK)
        e = state_file_write(path, &f);
    world_clear(&w);
    state_file_clear(&f);
    return e;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && ic_suite_at(i); i++) {
        ic_err e = make(argv[1], ic_suite_at(i));
        if (e != IC_OK) {
            fprintf(stderr, "make-mls-states: suite %u: %s\n", ic_suite_at(i)->id, ic_err_text(e));
            return 1;
        }
    }
    return argc == 2 ? 0 : 2;
}
