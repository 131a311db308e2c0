/* A member with a real MLS group, for the hostile tests: Python has no MLS, and only what is real up to one
 * wrong byte gets past the first check of a server.
 *
 *     person NAME          one command a line on standard input, one answer a line on standard output:
 *     key                  ok KEY
 *     terms                ok MEETING-ID TERMS          an instant meeting's, this person the host
 *     sign NONCE REF       ok SIGNATURE                 for ENTER
 *     group SERVER-KEY     ok GROUP-ID GROUP-INFO TREE  creates it
 *     package              ok KEY-PACKAGE
 *     commit [PACKAGE]     ok EPOCH COMMIT WELCOME GROUP-INFO
 *     merge | discard      ok                           the last commit
 *     join WELCOME TREE    ok EPOCH
 *     follow MESSAGE       ok EPOCH                     takes an ordered message
 *     say TEXT             ok MESSAGE
 *
 * Blobs are hexadecimal, "-" where empty. A failure is answered `error REASON`. */
#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <ic/mls/group.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/label.h>
#include <ic/os/os.h>
#include <ic/rules/rules.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ARGS_MAX = 3, BLOB_MAX = 16 << 20 };

struct person {
    struct ic_rand rand;
    struct ic_mls_config mls;
    struct ic_mls_identity id;
    struct ic_sign_key *key, *meeting_key;
    struct ic_mls_group *group;
    struct ic_mls_key_package *package;
    struct ic_mls_staged *staged;
    struct ic_buf terms;
    FILE *out; /* the answer in hand */
};

struct command {
    const char *name;
    ic_err (*run)(struct person *p, struct ic_buf *args, size_t count);
    size_t least, most;
};

static uint64_t now_s(void *ctx)
{
    (void)ctx;
    return (uint64_t)time(NULL);
}

static void put(struct person *p, struct ic_view v)
{
    char *hex = malloc(2 * v.len + 2);
    if (!hex)
        exit(1);
    strcpy(hex, "-");
    if (v.len)
        ic_hex_encode(v, hex);
    fprintf(p->out, " %s", hex);
    free(hex);
}

static ic_err run_key(struct person *p, struct ic_buf *args, size_t count)
{
    (void)args;
    (void)count;
    put(p, ic_sign_key_public(p->key));
    return IC_OK;
}

static ic_err run_terms(struct person *p, struct ic_buf *args, size_t count)
{
    (void)args;
    (void)count;
    uint8_t id[16];
    IC_BUF_SCOPE(hosts, 1000);
    IC_TRY(ic_rand_fill(&p->rand, id, sizeof id));
    IC_TRY(ic_wire_list_add(&hosts, ic_sign_key_public(p->key)));
    struct ic_wire_terms t = {.version = 1,
                              .meeting_id = IC_VIEW_ARRAY(id),
                              .kind = IC_WIRE_INSTANT,
                              .suite = 2,
                              .sframe_suite = 4,
                              .admission = IC_WIRE_HOST_ADMITS,
                              .hosts = ic_buf_view(&hosts),
                              .seq = 1,
                              .meeting_key = ic_sign_key_public(p->meeting_key)};
    ic_buf_reset(&p->terms);
    IC_TRY(ic_rules_terms_sign(&t, NULL, p->meeting_key, &p->terms));
    put(p, IC_VIEW_ARRAY(id));
    put(p, ic_buf_view(&p->terms));
    return IC_OK;
}

static ic_err run_sign(struct person *p, struct ic_buf *args, size_t count)
{
    (void)count;
    uint8_t sig[IC_SIG_MAX];
    size_t len;
    IC_BUF_SCOPE(tbs, 1024);
    struct ic_writer w = ic_writer(&tbs);
    ic_write_vec(&w, ic_buf_view(&args[0]));
    ic_write_vec(&w, ic_buf_view(&args[1]));
    IC_TRY(ic_writer_end(&w));
    IC_TRY(ic_mlspub_sign_with_label(p->key, "InCamera Connect", ic_buf_view(&tbs), sig, &len));
    put(p, ic_view(sig, len));
    return IC_OK;
}

static ic_err extensions(const struct person *p, struct ic_view server_key, struct ic_buf *out)
{
    IC_BUF_SCOPE(senders, 4096);
    struct ic_writer s = ic_writer(&senders);
    struct ic_mlspub_credential who = {IC_MLS_BASIC, IC_VIEW_STR("server")};
    size_t mark = ic_write_open(&s);
    ic_write_vec(&s, server_key);
    ic_mlspub_credential_write(&s, &who);
    ic_write_close(&s, mark);
    IC_TRY(ic_writer_end(&s));
    struct ic_writer w = ic_writer(out);
    ic_mlspub_extension_write(&w, IC_MLS_EXT_EXTERNAL_SENDERS, ic_buf_view(&senders));
    ic_mlspub_extension_write(&w, IC_WIRE_EXT_TERMS, ic_buf_view(&p->terms));
    return ic_writer_end(&w);
}

static ic_err run_group(struct person *p, struct ic_buf *args, size_t count)
{
    (void)count;
    uint8_t id[32];
    IC_BUF_SCOPE(list, 1 << 20);
    IC_BUF_SCOPE(info, 1 << 20);
    IC_BUF_SCOPE(tree, 1 << 20);
    ic_mls_group_free(p->group);
    p->group = NULL;
    IC_TRY(ic_rand_fill(&p->rand, id, sizeof id));
    IC_TRY(extensions(p, ic_buf_view(&args[0]), &list));
    IC_TRY(ic_mls_group_create(&p->mls, &p->id, IC_VIEW_ARRAY(id), ic_buf_view(&list), &p->group));
    IC_TRY(ic_mls_group_info(p->group, false, &info));
    IC_TRY(ic_mls_tree(p->group, &tree));
    put(p, IC_VIEW_ARRAY(id));
    put(p, ic_buf_view(&info));
    put(p, ic_buf_view(&tree));
    return IC_OK;
}

static ic_err run_package(struct person *p, struct ic_buf *args, size_t count)
{
    (void)args;
    (void)count;
    ic_mls_key_package_free(p->package);
    p->package = NULL;
    IC_TRY(ic_mls_key_package_new(&p->mls, &p->id, ic_view(NULL, 0), &p->package));
    put(p, ic_mls_key_package_message(p->package));
    return IC_OK;
}

static ic_err run_discard(struct person *p, struct ic_buf *args, size_t count)
{
    (void)args;
    (void)count;
    ic_mls_discard(p->staged);
    p->staged = NULL;
    return IC_OK;
}

static ic_err run_commit(struct person *p, struct ic_buf *args, size_t count)
{
    struct ic_view add = count ? ic_buf_view(&args[0]) : ic_view(NULL, 0);
    struct ic_wire_commit_data d = {.version = 1, .time_ms = now_s(NULL) * 1000};
    IC_BUF_SCOPE(data, 1024);
    IC_TRY(run_discard(p, NULL, 0));
    IC_TRY(ic_wire_commit_data_encode(&d, &data));
    struct ic_mls_commit_params params = {.force_path = true,
                                          .adds = &add,
                                          .add_count = count,
                                          .authenticated_data = ic_buf_view(&data),
                                          .want_group_info = true,
                                          .welcome_without_tree = true};
    IC_TRY(ic_mls_commit_create(p->group, &params, &p->staged));
    fprintf(p->out, " %llu", (unsigned long long)ic_mls_context(p->group)->epoch);
    put(p, ic_mls_staged_commit(p->staged));
    put(p, ic_mls_staged_welcome(p->staged));
    put(p, ic_mls_staged_group_info(p->staged));
    return IC_OK;
}

static ic_err run_merge(struct person *p, struct ic_buf *args, size_t count)
{
    (void)args;
    (void)count;
    struct ic_mls_staged *staged = p->staged;
    p->staged = NULL;
    return staged ? ic_mls_merge(p->group, staged) : IC_ERR_STATE;
}

static ic_err run_join(struct person *p, struct ic_buf *args, size_t count)
{
    (void)count;
    ic_mls_group_free(p->group);
    p->group = NULL;
    IC_TRY(ic_mls_group_join(&p->mls, &p->id, p->package, ic_buf_view(&args[0]),
                             ic_buf_view(&args[1]), &p->group));
    fprintf(p->out, " %llu", (unsigned long long)ic_mls_context(p->group)->epoch);
    return IC_OK;
}

static ic_err run_follow(struct person *p, struct ic_buf *args, size_t count)
{
    (void)count;
    struct ic_mls_received r = {0};
    ic_err e = ic_mls_process(p->group, ic_buf_view(&args[0]), &r);
    IC_TRY(e);
    if (r.kind == IC_MLS_RECEIVED_COMMIT) {
        e = ic_mls_merge(p->group, r.staged);
        r.staged = NULL;
    }
    ic_mls_received_clear(&r);
    fprintf(p->out, " %llu", (unsigned long long)ic_mls_context(p->group)->epoch);
    return e;
}

static ic_err run_say(struct person *p, struct ic_buf *args, size_t count)
{
    (void)count;
    IC_BUF_SCOPE(message, 1 << 20);
    IC_TRY(ic_mls_protect(p->group, ic_buf_view(&args[0]), ic_view(NULL, 0), &message));
    put(p, ic_buf_view(&message));
    return IC_OK;
}

static const struct command commands[] = {
    {"key", run_key, 0, 0},       {"terms", run_terms, 0, 0},     {"sign", run_sign, 2, 2},
    {"group", run_group, 1, 1},   {"package", run_package, 0, 0}, {"commit", run_commit, 0, 1},
    {"merge", run_merge, 0, 0},   {"discard", run_discard, 0, 0}, {"join", run_join, 2, 2},
    {"follow", run_follow, 1, 1}, {"say", run_say, 1, 1},
};

static bool needs_group(const char *name)
{
    return strcmp(name, "commit") == 0 || strcmp(name, "follow") == 0 || strcmp(name, "say") == 0;
}

static ic_err run(struct person *p, const char *name, struct ic_buf *args, size_t count)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(commands); i++) {
        const struct command *c = &commands[i];
        if (strcmp(c->name, name) != 0)
            continue;
        if (count < c->least || count > c->most || (needs_group(name) && !p->group))
            return IC_ERR_STATE;
        return c->run(p, args, count);
    }
    return IC_ERR_UNSUPPORTED;
}

static void answer(struct person *p, char *line)
{
    struct ic_buf args[ARGS_MAX];
    size_t count = 0;
    ic_err e = IC_OK;
    char *rest = NULL, *name = strtok_r(line, " \n", &rest);
    if (!name)
        return;
    for (char *hex; count < ARGS_MAX && (hex = strtok_r(NULL, " \n", &rest)); count++) {
        ic_buf_init(&args[count], BLOB_MAX);
        if (e == IC_OK && strcmp(hex, "-") != 0)
            e = ic_hex_decode(ic_view_cstr(hex), &args[count]);
    }
    char *text = NULL;
    size_t len;
    p->out = open_memstream(&text, &len);
    if (!p->out)
        exit(1);
    if (e == IC_OK)
        e = run(p, name, args, count);
    fclose(p->out);
    printf("%s%s\n", e == IC_OK ? "ok" : "error ", e == IC_OK ? text : ic_err_text(e));
    fflush(stdout);
    free(text);
    for (size_t i = 0; i < count; i++)
        ic_buf_clear(&args[i]);
}

static ic_err open_person(struct person *p, const char *name)
{
    static const uint8_t terms_type[] = {IC_WIRE_EXT_TERMS >> 8, IC_WIRE_EXT_TERMS & 0xff};
    const struct ic_suite *suite = ic_suite_find(2);
    p->rand = ic_os_rand();
    p->mls.rand = p->rand;
    p->mls.clock = (struct ic_clock){now_s, NULL};
    p->mls.data_with_pending = true;
    ic_buf_init(&p->terms, 1 << 20);
    IC_TRY(ic_sign_key_generate(suite->sig, &p->rand, &p->key));
    IC_TRY(ic_sign_key_generate(suite->sig, &p->rand, &p->meeting_key));
    p->id = (struct ic_mls_identity){.suite = suite,
                                     .signer = p->key,
                                     .credential = {IC_MLS_BASIC, ic_view_cstr(name)},
                                     .extension_types = IC_VIEW_ARRAY(terms_type),
                                     .lifetime = {now_s(NULL) - 3600, now_s(NULL) + 86400}};
    return IC_OK;
}

static void close_person(struct person *p)
{
    ic_mls_discard(p->staged);
    ic_mls_group_free(p->group);
    ic_mls_key_package_free(p->package);
    ic_sign_key_free(p->key);
    ic_sign_key_free(p->meeting_key);
    ic_buf_clear(&p->terms);
}

int main(int argc, char **argv)
{
    struct person p = {0};
    char *line = NULL;
    size_t room = 0;
    if (open_person(&p, argc > 1 ? argv[1] : "person") != IC_OK)
        return 1;
    while (getline(&line, &room, stdin) > 0)
        answer(&p, line);
    free(line);
    close_person(&p);
    return 0;
}
