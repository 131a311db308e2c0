/* tests/vectors/own/x509.json: the cases as they were made once, so that a change of maker and
 * judge together shows. */
#include "cases.h"

#include <ic/base/text.h>
#include <jansson.h>
#include <string.h>

static ic_err base64(struct maker *m, const json_t *text, struct ic_view *out)
{
    IC_BUF_SCOPE(b, 1 << 16);
    if (!json_is_string(text))
        return IC_ERR_MALFORMED;
    IC_TRY(ic_base64_decode(IC_BASE64_STD, ic_view_cstr(json_string_value(text)), &b));
    *out = maker_copy(m, ic_buf_view(&b));
    return IC_OK;
}

static ic_err list(struct maker *m, const json_t *texts, struct ic_view *out, size_t max, size_t *n)
{
    for (*n = 0; *n < json_array_size(texts); ++*n) {
        if (*n == max)
            return IC_ERR_LIMIT;
        IC_TRY(base64(m, json_array_get(texts, *n), &out[*n]));
    }
    return IC_OK;
}

/* Cases without lists do not say so. */
static ic_err read_lists(struct maker *m, const json_t *all, struct pki_case *k)
{
    for (k->list_count = 0; k->list_count < json_array_size(all); k->list_count++) {
        const json_t *one = json_array_get(all, k->list_count);
        if (k->list_count == CASE_LISTS)
            return IC_ERR_LIMIT;
        struct case_list *l = &k->lists[k->list_count];
        l->issuer = (uint32_t)json_integer_value(json_object_get(one, "issuer"));
        IC_TRY(base64(m, json_object_get(one, "list"), &l->der));
    }
    return IC_OK;
}

static long long number(const json_t *v, const char *key)
{
    return json_integer_value(json_object_get(v, key));
}

static ic_err read_case(struct maker *m, const json_t *v, struct pki_case *k)
{
    *k = (struct pki_case){
        .name = json_string_value(json_object_get(v, "name")),
        .suite = (uint16_t)number(v, "suite"),
        .now = number(v, "now"),
        .policy = {.purposes = (uint16_t)number(v, "purposes"),
                   .max_chain = (uint8_t)number(v, "max_chain"),
                   .fresh_lists = json_is_true(json_object_get(v, "fresh_lists")),
                   .need_purpose = json_is_true(json_object_get(v, "need_purpose"))},
        .index = (int32_t)number(v, "index"),
        .reason = IC_PKI_REASON_COUNT,
    };
    const char *verdict = json_string_value(json_object_get(v, "verdict"));
    for (int r = 0; verdict && r < IC_PKI_REASON_COUNT; r++) {
        if (strcmp(ic_pki_reason_name(r), verdict) == 0)
            k->reason = r;
    }
    if (!k->name || k->reason == IC_PKI_REASON_COUNT)
        return IC_ERR_MALFORMED;
    IC_TRY(base64(m, json_object_get(v, "signature_key"), &k->key));
    IC_TRY(read_lists(m, json_object_get(v, "lists"), k));
    IC_TRY(list(m, json_object_get(v, "roots"), k->roots, 4, &k->root_count));
    return list(m, json_object_get(v, "chain"), k->certs, CASE_CERTS, &k->cert_count);
}

static void play(const char *path, size_t at_least)
{
    MAKER_SCOPE(m, 1);
    json_t *all = json_load_file(path, 0, NULL);
    size_t n = json_array_size(all);
    for (size_t i = 0; i < n; i++) {
        struct pki_case k;
        ic_err e = read_case(&m, json_array_get(all, i), &k);
        struct pki_outcome o = {.err = e};
        if (e == IC_OK)
            o = pki_case_run(&k);
        if (e != IC_OK || o.err != ic_pki_reason_err(k.reason) ||
            (o.err != IC_OK && (o.fault.reason != k.reason || o.fault.index != k.index)))
            ic_test_fail(__FILE__, __LINE__, "%s %zu: %s %s", path, i, ic_err_name(o.err),
                         o.fault.text);
    }
    json_decref(all);
    CHECK(n >= at_least);
}

TEST(own_vectors_get_their_verdicts)
{
    play(IC_SOURCE_ROOT "/tests/vectors/own/x509.json", 215);
}

/* Made by the openssl program as authorities are set up with it (make_certs.sh). */
TEST(vectors_of_another_maker_get_their_verdicts)
{
    play(IC_SOURCE_ROOT "/tests/vectors/own/x509-openssl.json", 11);
}
