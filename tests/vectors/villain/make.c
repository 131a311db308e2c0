/* mls-make-refusals [SUITE...]: writes tests/vectors/own/refusals.json, described in the README beside it.
 * mls-make-refusals --against SUITE N <KEYPACKAGE: the Nth crime, against somebody else's key package: villain/peers.py. */
#include "refusals.h"
#include "villain.h"

#include <ic/base/mem.h>
#include <ic/crypto/sign.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *hex(struct ic_view v)
{
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(2 * v.len + 1);
    for (size_t i = 0; i < v.len; i++) {
        text[2 * i] = digits[v.p[i] >> 4];
        text[2 * i + 1] = digits[v.p[i] & 15];
    }
    text[2 * v.len] = 0;
    json_t *s = json_string(text);
    free(text);
    return s;
}

/* The commit that the victim is to follow after all, and where it leads. */
static ic_err make_next(struct scene *s, struct ic_buf *commit, struct ic_buf *authenticator)
{
    struct ic_mls_staged *staged;
    const struct ic_mls_commit_params p = {.force_path = true, .skip_pending = true};
    IC_TRY(ic_mls_commit_create(s->w.people[THIRD].g, &p, &staged));
    ic_err e = ic_buf_append(commit, ic_mls_staged_commit(staged));
    if (e == IC_OK)
        e = ic_buf_append(authenticator, ic_secret_view(&staged->next.secrets.authenticator));
    ic_mls_discard(staged);
    return e;
}

static void crime_clear(struct scene *s)
{
    for (size_t i = 0; i <= THIRD; i++)
        if (s->w.people[i].g)
            ic_mls_clear_pending(s->w.people[i].g);
    ic_buf_reset(&s->before);
    ic_buf_reset(&s->message);
    lawless = (struct lawless){.s = s};
}

/* One refusal of the file, or NULL where the library does not refuse as it should. */
static json_t *commit_crime(struct scene *s, const struct start *start, const struct crime *c,
                            const struct next_epoch *next)
{
    ic_err met = IC_OK;
    char section[16] = "";
    ic_err e = c->commit(s);
    lawless = (struct lawless){.s = s};
    const struct refusal r = {ic_buf_view(&s->before), ic_buf_view(&s->message), c->welcome};
    if (e == IC_OK)
        e = refusal_play(start, &r, next, &met, section);
    if (e != IC_OK || met == IC_OK) {
        fprintf(stderr, "suite %u: %s: %s: %s, met %s\n", start->suite->id, c->rule, c->says,
                ic_err_name(e), ic_err_name(met));
        return NULL;
    }
    json_t *o = json_pack("{s:s, s:s, s:s, s:s}", "rule", c->rule, "says", c->says, "error",
                          ic_err_name(met), "section", section);
    if (s->before.len > 0)
        json_object_set_new(o, "proposal", hex(ic_buf_view(&s->before)));
    json_object_set_new(o, c->welcome ? "welcome" : "message", hex(ic_buf_view(&s->message)));
    return o;
}

static size_t commit_crimes(struct scene *s, const struct start *start, const struct crime *crimes,
                            const struct next_epoch *next, json_t *out)
{
    size_t failed = 0;
    for (; crimes->rule; crimes++) {
        json_t *o = commit_crime(s, start, crimes, next);
        failed += !o;
        if (o)
            json_array_append_new(out, o);
        crime_clear(s);
    }
    return failed;
}

static json_t *describe(const struct start *s, const struct next_epoch *next, json_t *refusals)
{
    struct ic_secret key;
    json_t *o = json_object();
    json_object_set_new(o, "cipher_suite", json_integer(s->suite->id));
    json_object_set_new(o, "now", json_integer((json_int_t)s->now_s));
    json_t *psk = json_object();
    json_object_set_new(psk, "psk_id", hex(IC_VIEW_STR("known")));
    json_object_set_new(psk, "psk", hex(IC_VIEW_STR("the secret of known")));
    json_object_set_new(o, "external_psks", json_pack("[o]", psk));
    json_object_set_new(o, "key_package", hex(s->key_package));
    json_object_set_new(o, "init_priv", hex(s->init_priv));
    json_object_set_new(o, "encryption_priv", hex(s->encryption_priv));
    if (ic_sign_key_export(s->signer, &key) == IC_OK)
        json_object_set_new(o, "signature_priv", hex(ic_secret_view(&key)));
    json_object_set_new(o, "welcome", hex(s->welcome));
    json_object_set_new(o, "next_commit", hex(next->commit));
    json_object_set_new(o, "next_epoch_authenticator", hex(next->authenticator));
    json_object_set_new(o, "refusals", refusals);
    return o;
}

static size_t make(uint16_t suite, json_t *file)
{
    static struct scene s;
    IC_BUF_SCOPE(commit, 65536);
    IC_BUF_SCOPE(authenticator, 64);
    if (scene_open(&s, suite, ic_view(NULL, 0)) != IC_OK ||
        make_next(&s, &commit, &authenticator) != IC_OK) {
        fprintf(stderr, "suite %u: no scene\n", suite);
        return 1;
    }
    const struct start start = {.suite = s.w.suite,
                                .signer = s.w.people[VICTIM].signer,
                                .key_package = ic_mls_key_package_message(s.k),
                                .init_priv = ic_secret_view(&s.k->init_key),
                                .encryption_priv = ic_secret_view(&s.k->leaf_key),
                                .welcome = ic_buf_view(&s.welcome),
                                .now_s = world_now};
    const struct next_epoch next = {ic_buf_view(&commit), ic_buf_view(&authenticator)};
    const struct crime *const all[] = {crimes_list, crimes_leaf, crimes_frame, crimes_outside,
                                       crimes_welcome};
    json_t *refusals = json_array();
    size_t failed = 0;
    for (size_t i = 0; i < IC_ARRAY_LEN(all); i++)
        failed += commit_crimes(&s, &start, all[i], &next, refusals);
    json_array_append_new(file, describe(&start, &next, refusals));
    scene_close(&s);
    return failed;
}

/* ---- for a victim in another program ---- */

static const struct crime *crime_at(size_t index)
{
    const struct crime *const all[] = {crimes_list, crimes_leaf, crimes_frame, crimes_outside,
                                       crimes_welcome};
    for (size_t i = 0; i < IC_ARRAY_LEN(all); i++)
        for (const struct crime *c = all[i]; c->rule; c++)
            if (index-- == 0)
                return c;
    return NULL;
}

/* One crime against the client whose key package stands on standard input. */
static int make_one(uint16_t suite, size_t index)
{
    static struct scene s;
    static uint8_t package[65536];
    IC_BUF_SCOPE(commit, 65536);
    IC_BUF_SCOPE(authenticator, 64);
    const struct crime *c = crime_at(index);
    size_t n = fread(package, 1, sizeof package, stdin);
    if (!c)
        return 2;
    if (scene_open(&s, suite, ic_view(package, n)) != IC_OK ||
        make_next(&s, &commit, &authenticator) != IC_OK || c->commit(&s) != IC_OK) {
        fprintf(stderr, "%s: %s: cannot be made\n", c->rule, c->says);
        return 1;
    }
    json_t *o = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "rule", c->rule, "says", c->says,
                          "start", hex(ic_buf_view(&s.welcome)), "proposal",
                          hex(ic_buf_view(&s.before)), c->welcome ? "welcome" : "message",
                          hex(ic_buf_view(&s.message)), "next_commit", hex(ic_buf_view(&commit)),
                          "next_epoch_authenticator", hex(ic_buf_view(&authenticator)));
    json_dumpf(o, stdout, JSON_COMPACT);
    json_decref(o);
    scene_close(&s);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--against") == 0)
        return make_one((uint16_t)atoi(argv[2]), (size_t)atoi(argv[3]));
    size_t failed = 0;
    json_t *file = json_array();
    if (argc < 2)
        for (uint16_t suite = 1; suite <= 3; suite++)
            failed += make(suite, file);
    for (int i = 1; i < argc; i++)
        failed += make((uint16_t)atoi(argv[i]), file);
    json_dumpf(file, stdout, JSON_INDENT(1));
    printf("\n");
    json_decref(file);
    return failed > 0;
}
