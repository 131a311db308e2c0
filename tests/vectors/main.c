/* build/mls-vectors FILE...: runs published MLS vector files, recognised by what is in them; .json or .json.gz.
 *
 * Prints `NAME: N passed, N failed, N skipped` a file, a case being one element of the file's array.
 * Without a file, runs all sixteen of the published ones if they are found. */
#include "vectors.h"

#include <ic/base/vectors.h>
#include <stdio.h>
#include <string.h>

static const struct kind {
    const char *mark; /* a member that only this format's cases have */
    bool (*run)(struct vec *v, const json_t *c);
} kinds[] = {
    {"n_leaves", run_tree_math},
    {"vlbytes_header", run_deserialization},
    {"ref_hash", run_crypto_basics},
    {"initial_init_secret", run_key_schedule},
    {"membership_key", run_message_protection},
    {"psks", run_psk_secret},
    {"authenticated_content", run_transcript_hashes},
    {"signer_pub", run_welcome},
    {"tree_before", run_tree_operations},
    {"resolutions", run_tree_validation},
    {"leaves_private", run_treekem},
    {"mls_welcome", run_messages},
    {"initial_epoch_authenticator", run_passive_client},
    {"leaves", run_secret_tree},
};

static const char *const published[] = {
    "tree-math",
    "deserialization",
    "crypto-basics",
    "secret-tree",
    "key-schedule",
    "psk_secret",
    "message-protection",
    "transcript-hashes",
    "welcome",
    "tree-operations",
    "tree-validation",
    "treekem",
    "messages",
    "passive-client-welcome",
    "passive-client-handling-commit",
    "passive-client-random",
};

struct tally {
    size_t passed, failed, skipped;
};

static const struct kind *recognise(const json_t *cases)
{
    const json_t *first = json_array_get(cases, 0);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (json_object_get(first, kinds[i].mark))
            return &kinds[i];
    return NULL;
}

static void run_case(const struct kind *k, const char *name, size_t index, const json_t *c,
                     struct tally *t)
{
    struct vec v = {0};
    ic_arena_init(&v.arena, 256u << 20);
    if (k->run(&v, c)) {
        t->passed++;
    } else if (v.skipped) {
        t->skipped++;
    } else {
        t->failed++;
        fprintf(stderr, "%s[%zu]: %s\n", name, index, v.why);
    }
    ic_arena_clear(&v.arena);
}

/* A file that ends in .gz is read through gzip. */
static json_t *load(const char *path, json_error_t *error)
{
    char command[2048];
    size_t n = strlen(path);
    if (n < 3 || strcmp(path + n - 3, ".gz") != 0 || strchr(path, '\'') != NULL)
        return json_load_file(path, 0, error);
    snprintf(command, sizeof command, "exec gzip -dc -- '%s'", path);
    FILE *f = popen(command, "r");
    json_t *cases = f ? json_loadf(f, 0, error) : NULL;
    if (f && pclose(f) != 0) {
        json_decref(cases);
        cases = NULL;
    }
    return cases;
}

static void run_file(const char *path, struct tally *all)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    struct tally t = {0};
    json_error_t error = {.text = "unreadable"};
    json_t *cases = load(path, &error);
    const struct kind *k = cases ? recognise(cases) : NULL;
    if (!k) {
        fprintf(stderr, "%s: %s\n", path, cases ? "no known vector format" : error.text);
        t.failed++;
    } else {
        size_t i;
        json_t *c;
        json_array_foreach(cases, i, c) run_case(k, name, i, c, &t);
    }
    printf("%.*s: %zu passed, %zu failed, %zu skipped\n", (int)strcspn(name, "."), name, t.passed,
           t.failed, t.skipped);
    fflush(stdout);
    json_decref(cases);
    all->passed += t.passed;
    all->failed += t.failed;
    all->skipped += t.skipped;
}

/* For the test runner: all published files, and a closing line. */
static void run_published(struct tally *all)
{
    const char *dir = ic_test_vectors_dir();
    if (!dir) {
        printf("skipped: the published vectors are not here (tools/vectors brings them)\n");
        all->skipped++;
        return;
    }
    for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/mls/%s.json", dir, published[i]);
        run_file(path, all);
    }
}

int main(int argc, char **argv)
{
    struct tally all = {0};
    if (argc < 2) {
        run_published(&all);
        printf("%zu passed, %zu failed", all.passed, all.failed);
        printf(all.skipped ? ", %zu skipped\n" : "\n", all.skipped);
    }
    for (int i = 1; i < argc; i++)
        run_file(argv[i], &all);
    if (argc > 2)
        printf("%zu passed, %zu failed\n", all.passed, all.failed);
    return all.failed > 0;
}
