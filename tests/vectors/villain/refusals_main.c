/* mls-refusals [FILE...]: each message of tests/vectors/own/refusals.json is refused for the reason that the file
 * says, and leaves the group as it was. */
#include "refusals.h"

#include <ic/base/arena.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static int nibble(char c)
{
    return c >= 'a' ? c - 'a' + 10 : c - '0';
}

static struct ic_view bytes(struct ic_arena *a, const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    size_t n = json_string_length(v) / 2;
    const char *text = json_string_value(v);
    uint8_t *out = n > 0 ? ic_arena_alloc(a, n, 1) : NULL;
    for (size_t i = 0; out && i < n; i++)
        out[i] = (uint8_t)(nibble(text[2 * i]) << 4 | nibble(text[2 * i + 1]));
    return ic_view(out, out ? n : 0);
}

struct tally {
    size_t passed, failed, skipped;
};

static bool refused(struct ic_arena *a, const struct start *s, const struct next_epoch *next,
                    const json_t *o)
{
    ic_err met = IC_OK;
    char section[16] = "";
    struct refusal r = {.proposal = bytes(a, o, "proposal"), .message = bytes(a, o, "message")};
    r.welcome = r.message.len == 0;
    if (r.welcome)
        r.message = bytes(a, o, "welcome");
    ic_err e = refusal_play(s, &r, next, &met, section);
    const char *error = json_string_value(json_object_get(o, "error"));
    const char *want = json_string_value(json_object_get(o, "section"));
    if (e == IC_OK && met != IC_OK && error && want && strcmp(ic_err_name(met), error) == 0 &&
        strcmp(section, want) == 0)
        return true;
    fprintf(stderr, "suite %u: %s: %s: met %s of section %s, not %s of section %s; then %s\n",
            s->suite->id, json_string_value(json_object_get(o, "rule")),
            json_string_value(json_object_get(o, "says")), ic_err_name(met), section,
            error ? error : "", want ? want : "", ic_err_name(e));
    return false;
}

static void run(const json_t *c, struct tally *t)
{
    struct ic_arena a;
    struct ic_sign_key *signer = NULL;
    const json_t *refusals = json_object_get(c, "refusals");
    ic_arena_init(&a, 64u << 20);
    struct start s = {
        .suite = ic_suite_find((uint16_t)json_integer_value(json_object_get(c, "cipher_suite"))),
        .now_s = (uint64_t)json_integer_value(json_object_get(c, "now")),
        .key_package = bytes(&a, c, "key_package"),
        .init_priv = bytes(&a, c, "init_priv"),
        .encryption_priv = bytes(&a, c, "encryption_priv"),
        .welcome = bytes(&a, c, "welcome")};
    const struct next_epoch next = {bytes(&a, c, "next_commit"),
                                    bytes(&a, c, "next_epoch_authenticator")};
    if (!s.suite) {
        t->skipped += json_array_size(refusals);
    } else if (ic_sign_key_import(s.suite->sig, bytes(&a, c, "signature_priv"), &signer) != IC_OK) {
        t->failed++;
    } else {
        s.signer = signer;
        for (size_t i = 0; i < json_array_size(refusals); i++)
            refused(&a, &s, &next, json_array_get(refusals, i)) ? t->passed++ : t->failed++;
    }
    ic_sign_key_free(signer);
    ic_arena_clear(&a);
}

int main(int argc, char **argv)
{
    struct tally t = {0};
    json_error_t error;
    json_t *file = json_load_file(
        argc > 1 ? argv[1] : IC_SOURCE_ROOT "/tests/vectors/own/refusals.json", 0, &error);
    for (size_t i = 0; i < json_array_size(file); i++)
        run(json_array_get(file, i), &t);
    if (!file)
        fprintf(stderr, "%s\n", error.text);
    json_decref(file);
    printf("%zu passed, %zu failed", t.passed, t.failed);
    printf(t.skipped ? ", %zu skipped\n" : "\n", t.skipped);
    return t.failed > 0 || t.passed == 0;
}
