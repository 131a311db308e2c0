/* The fuzzers' seeds. With IC_SEEDS=FOLDER this writes them there; always, it checks that what the
 * fuzzers would do with them works. */
#include "sim.h"
#include <ic/base/mem.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static void put(const char *name, const char *what, struct ic_view bytes)
{
    const char *folder = getenv("IC_SEEDS");
    if (!folder)
        return;
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    (void)mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/%s/%s", folder, name, what);
    FILE *f = fopen(path, "wb");
    CHECK(f != NULL);
    size_t n = fwrite(bytes.p, 1, bytes.len, f);
    CHECK(fclose(f) == 0 && n == bytes.len);
}

/* Stages what the sim made, keeps it in the script, and gives it to the message fuzzer too. */
static ic_err keep(struct sim *s, struct ic_buf *script, const char *what)
{
    put("mls_message", what, ic_buf_view(&s->message));
    struct ic_writer w = ic_writer(script);
    ic_write_vec(&w, ic_buf_view(&s->message));
    IC_TRY(ic_writer_end(&w));
    return sim_deliver(s);
}

static void put_tree(struct sim *s, const char *what)
{
    IC_BUF_SCOPE(tree, 1 << 20);
    uint8_t suite = (uint8_t)s->suite->id;
    CHECK_OK(ic_buf_append(&tree, ic_view(&suite, 1)));
    CHECK_OK(ic_mlspub_observer_tree(s->observer, &tree));
    put("ratchet_tree", what, ic_buf_view(&tree));
}

static void put_key_package(struct sim *s)
{
    IC_BUF_SCOPE(message, 1 << 16);
    struct ic_writer w = ic_writer(&message);
    ic_write_u16(&w, IC_MLS_VERSION_1);
    ic_write_u16(&w, IC_MLS_KEY_PACKAGE);
    ic_write_bytes(&w, ic_buf_view(&s->clients[0].key_package));
    CHECK_OK(ic_writer_end(&w));
    put("mls_message", "key_package", ic_buf_view(&message));
}

static void put_fixed(void)
{
    struct ic_mlspub_encrypted_secrets secret = {
        IC_VIEW_STR("a ref"), {IC_VIEW_STR("kem output"), IC_VIEW_STR("sealed")}};
    struct ic_mlspub_message welcome = {
        .version = IC_MLS_VERSION_1,
        .wire_format = IC_MLS_WELCOME,
        .welcome = {1, &secret, 1, IC_VIEW_STR("sealed too")},
    };
    struct ic_mlspub_message private_message = {
        .version = IC_MLS_VERSION_1,
        .wire_format = IC_MLS_PRIVATE_MESSAGE,
        .private_message = {IC_VIEW_STR("the group"), 7, IC_MLS_COMMIT, IC_VIEW_STR("aad"),
                            IC_VIEW_STR("sender data"), IC_VIEW_STR("ciphertext")},
    };
    const struct ic_mlspub_message *both[] = {&welcome, &private_message};
    for (size_t i = 0; i < 2; i++) {
        IC_BUF_SCOPE(bytes, 4096);
        struct ic_writer w = ic_writer(&bytes);
        ic_mlspub_message_write(&w, both[i]);
        CHECK_OK(ic_writer_end(&w));
        put("mls_message", i ? "private_message" : "welcome", ic_buf_view(&bytes));
    }
}

static ic_err play(struct sim *s, struct ic_buf *script)
{
    struct ic_mlspub_proposal_or_ref add = {0};
    uint32_t client;
    IC_TRY(sim_client(s, NULL, &client));
    IC_TRY(sim_proposal_add(s, client, &add.proposal));
    struct sim_commit c = {.proposals = &add, .count = 1, .as = IC_MLSPUB_NO_LEAF};
    IC_TRY(sim_commit(s, 0, &c));
    IC_TRY(keep(s, script, "commit_add"));
    c.count = 0;
    c.path = true;
    IC_TRY(sim_commit(s, 1, &c));
    IC_TRY(keep(s, script, "commit_path"));
    ic_buf_reset(&s->message);
    IC_TRY(ic_mlspub_external_remove(s->observer, 0, s->external, 1, &s->message));
    IC_TRY(keep(s, script, "external_remove"));
    struct ic_mlspub_proposal_or_ref ref = {.is_ref = true,
                                            .ref = ic_mlspub_observer_pending(s->observer, 0)->ref};
    c.proposals = &ref;
    c.count = 1;
    IC_TRY(sim_commit(s, 0, &c));
    IC_TRY(keep(s, script, "commit_reference"));
    struct ic_mlspub_proposal_or_ref init = sim_value((struct ic_mlspub_proposal){
        .type = IC_MLS_EXTERNAL_INIT, .external_init = IC_VIEW_STR("kem")});
    IC_TRY(sim_client(s, NULL, &client));
    IC_TRY(sim_external_commit(s, client, &init, 1));
    return keep(s, script, "external_commit");
}

TEST(seeds_play_through)
{
    for (uint16_t suite = 1; suite <= 2; suite++) {
        IC_CLEANUP(sim_close) struct sim s;
        CHECK_OK(sim_open(&s, suite, 41));
        put("mls_message", "group_info", ic_buf_view(&s.info));
        IC_BUF_SCOPE(script, 1 << 20);
        IC_BUF_SCOPE(tree, 1 << 16);
        CHECK_OK(ic_mlspub_observer_tree(s.observer, &tree));
        struct ic_writer w = ic_writer(&script);
        ic_write_vec(&w, ic_buf_view(&s.info));
        ic_write_vec(&w, ic_buf_view(&tree));
        CHECK_OK(ic_writer_end(&w));
        CHECK_OK(play(&s, &script));
        put("mls_observer", suite == 1 ? "script_1" : "script_2", ic_buf_view(&script));
        put_key_package(&s);
        CHECK_OK(sim_grow(&s, 6));
        put_tree(&s, suite == 1 ? "tree_1" : "tree_2");
    }
    put_fixed();
}
