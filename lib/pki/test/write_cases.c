/* write-cases json | seeds DIR: makes all cases anew, and writes them as vectors or as seeds. */
#include "cases.h"

#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *base64(struct ic_view v)
{
    char *text = malloc(ic_base64_len(IC_BASE64_STD, v.len) + 1);
    if (!text)
        abort();
    ic_base64_encode(IC_BASE64_STD, v, text);
    json_t *s = json_string(text);
    free(text);
    return s;
}

static json_t *list(const struct ic_view *certs, size_t n)
{
    json_t *all = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(all, base64(certs[i]));
    return all;
}

static json_t *lists(const struct pki_case *k)
{
    json_t *all = json_array();
    for (size_t i = 0; i < k->list_count; i++)
        json_array_append_new(all, json_pack("{s:i, s:o}", "issuer", (int)k->lists[i].issuer,
                                             "list", base64(k->lists[i].der)));
    return all;
}

static json_t *case_json(const struct pki_case *k)
{
    return json_pack("{s:s, s:i, s:I, s:i, s:b, s:i, s:b, s:o, s:o, s:o, s:o, s:s, s:i}", "name",
                     k->name, "suite", (int)k->suite, "now", (json_int_t)k->now, "purposes",
                     (int)k->policy.purposes, "need_purpose", k->policy.need_purpose, "max_chain",
                     (int)k->policy.max_chain, "fresh_lists", k->policy.fresh_lists, "lists",
                     lists(k), "roots", list(k->roots, k->root_count), "chain",
                     list(k->certs, k->cert_count), "signature_key", base64(k->key), "verdict",
                     ic_pki_reason_name(k->reason), "index", k->index);
}

static int write_json(const struct cases *c)
{
    json_t *all = json_array();
    for (size_t i = 0; i < c->count; i++)
        json_array_append_new(all, case_json(&c->all[i]));
    int failed = json_dumpf(all, stdout, JSON_INDENT(1)) | (putchar('\n') == EOF);
    json_decref(all);
    return failed ? 1 : 0;
}

/* The content of the credential's vector. */
static int write_seed(const char *folder, const struct pki_case *k)
{
    char path[4096];
    IC_BUF_SCOPE(bytes, 1 << 20);
    if (ic_pki_chain_encode(k->certs, k->cert_count, &bytes) != IC_OK ||
        snprintf(path, sizeof path, "%s/%s", folder, k->name) >= (int)sizeof path)
        return 1;
    FILE *f = fopen(path, "wb");
    if (!f)
        return 1;
    bool good = fwrite(bytes.p, 1, bytes.len, f) == bytes.len;
    return fclose(f) != 0 || !good;
}

int main(int argc, char **argv)
{
    enum { SEED_MAX = 4096 };
    MAKER_SCOPE(m, 2026);
    static struct cases c;
    int status = 0;
    cases_make(&c, &m);
    if (argc == 2 && strcmp(argv[1], "json") == 0)
        return write_json(&c);
    if (argc != 3 || strcmp(argv[1], "seeds") != 0) {
        fprintf(stderr, "usage: write-cases json | seeds DIR\n");
        return 2;
    }
    for (size_t i = 0; i < c.count; i++) {
        size_t len = 0;
        for (size_t j = 0; j < c.all[i].cert_count; j++)
            len += c.all[i].certs[j].len;
        if (len < SEED_MAX)
            status |= write_seed(argv[2], &c.all[i]);
    }
    return status;
}
