/* incamera admin domains ..., roots ... */
#include "admin/admin.h"
#include "identity/profile.h"

#include <stdio.h>
#include <string.h>

/* ---- domains ---- */

static void print_proof(const json_t *d)
{
    const json_t *proof = json_object_get(d, "proof");
    char name[1024], a[1024], b[1024];
    icc_admin_harmless(json_object_get(d, "name"), name);
    if (json_is_true(json_object_get(d, "verified"))) {
        printf("%s is verified: people with addresses in it can be users.\n", name);
        return;
    }
    printf("Prove that %s is yours, by one of these two:\n\n", name);
    printf("  a DNS record       %s. TXT \"%s\"\n",
           icc_admin_harmless(json_object_get(proof, "txt_name"), a),
           icc_admin_harmless(json_object_get(proof, "txt_value"), b));
    printf("  a file             %s\n", icc_admin_harmless(json_object_get(proof, "url"), a));
    printf("    with this alone  %s\n", icc_admin_harmless(json_object_get(proof, "content"), b));
    printf("\nThen: incamera admin domains verify %s\n", name);
}

int icc_admin_domains_list(struct icc_admin *a)
{
    static const char *const heads[] = {"DOMAIN", "VERIFIED", "ADDED"};
    struct icc_table t = {.heads = heads, .columns = 3};
    json_t *o = icc_admin_get(a, "/domains"), *d;
    size_t i;
    if (!o)
        return 1;
    if (!icc_admin_json(a, o)) {
        json_array_foreach(json_object_get(o, "domains"), i, d)
        {
            icc_table_text(&t, json_object_get(d, "name"));
            if (json_is_true(json_object_get(d, "verified")))
                icc_table_time(&t, json_object_get(d, "verified_at"));
            else
                icc_table_word(&t, "no");
            icc_table_time(&t, json_object_get(d, "created"));
        }
        icc_table_print(&t, "There is no domain yet: `incamera admin domains add NAME`.");
    }
    json_decref(o);
    return 0;
}

static int show_domain(struct icc_admin *a, json_t *o)
{
    if (!o)
        return 1;
    if (!icc_admin_json(a, o))
        print_proof(o);
    json_decref(o);
    return 0;
}

int icc_admin_domains_add(struct icc_admin *a)
{
    return show_domain(
        a, icc_admin_send(a, "POST", "/domains", json_pack("{s:s}", "name", a->args.free[0])));
}

int icc_admin_domains_verify(struct icc_admin *a)
{
    char path[ICC_ADMIN_PATH_MAX];
    icc_admin_path(path, "/domains/%s/verify", a->args.free[0]);
    return show_domain(a, icc_admin_send(a, "POST", path, NULL));
}

static int removed(struct icc_admin *a, json_t *o, const char *words)
{
    if (!o)
        return 1;
    if (!icc_admin_json(a, o))
        puts(words);
    json_decref(o);
    return 0;
}

int icc_admin_domains_remove(struct icc_admin *a)
{
    char path[ICC_ADMIN_PATH_MAX];
    icc_admin_path(path, "/domains/%s", a->args.free[0]);
    return removed(a, icc_admin_send(a, "DELETE", path, NULL),
                   "Removed. Its users stay; nobody new comes by it.");
}

/* ---- roots ---- */

int icc_admin_roots_list(struct icc_admin *a)
{
    static const char *const heads[] = {"FINGERPRINT", "NAME", "ENDS", "SUBJECT"};
    struct icc_table t = {.heads = heads, .columns = 4};
    json_t *o = icc_admin_get(a, "/roots"), *r;
    size_t i;
    char text[1024];
    if (!o)
        return 1;
    if (!icc_admin_json(a, o)) {
        json_array_foreach(json_object_get(o, "roots"), i, r)
        {
            icc_admin_harmless(json_object_get(r, "fingerprint"), text);
            text[16] = '\0'; /* enough to name it */
            icc_table_word(&t, text);
            icc_table_text(&t, json_object_get(r, "name"));
            icc_table_time(&t, json_object_get(r, "expires"));
            icc_table_text(&t, json_object_get(r, "subject"));
        }
        icc_table_print(&t, "No external authority is accepted.");
    }
    json_decref(o);
    return 0;
}

int icc_admin_roots_add(struct icc_admin *a)
{
    const char *name = icc_args_get(&a->args, "--name");
    char text[1024];
    IC_BUF_SCOPE(pem, 1 << 20);
    ic_err e = icc_file_read(a->args.free[0], &pem);
    json_t *body = e == IC_OK ? json_pack("{s:s%}", "pem", (const char *)pem.p, pem.len) : NULL;
    if (!body) {
        fprintf(stderr, "incamera: %s: %s\n", a->args.free[0],
                e == IC_OK ? "this is no PEM file" : ic_err_text(e));
        return 2;
    }
    if (name)
        json_object_set_new(body, "name", json_string(name));
    json_t *o = icc_admin_send(a, "POST", "/roots", body);
    if (!o)
        return 1;
    if (!icc_admin_json(a, o)) {
        icc_admin_line("accepted", json_object_get(o, "name"));
        icc_admin_line("subject", json_object_get(o, "subject"));
        icc_admin_line_time("ends", json_object_get(o, "expires"));
        printf("%-13s %s\n", "fingerprint",
               icc_admin_harmless(json_object_get(o, "fingerprint"), text));
    }
    json_decref(o);
    return 0;
}

/* The one whose fingerprint begins so. */
static bool find_root(struct icc_admin *a, const char *begin, char out[72])
{
    json_t *o = strlen(begin) < 64 ? icc_admin_get(a, "/roots") : NULL, *r;
    size_t i, found = 0, n = strlen(begin);
    snprintf(out, 72, "%.64s", begin);
    if (n >= 64)
        return true;
    if (!o)
        return false;
    json_array_foreach(json_object_get(o, "roots"), i, r)
    {
        const char *hash = json_string_value(json_object_get(r, "fingerprint"));
        if (!hash || strlen(hash) != 64 || strncmp(hash, begin, n) != 0)
            continue;
        found++;
        memcpy(out, hash, 65);
    }
    json_decref(o);
    if (n < 8 || found != 1)
        fprintf(stderr, "incamera: %s; at least 8 letters of its fingerprint name a root\n",
                found > 1 ? "more than one root begins so" : "no root is named by that");
    return n >= 8 && found == 1;
}

int icc_admin_roots_remove(struct icc_admin *a)
{
    char path[ICC_ADMIN_PATH_MAX], hash[72];
    if (!find_root(a, a->args.free[0], hash))
        return 1;
    icc_admin_path(path, "/roots/%s", hash);
    return removed(a, icc_admin_send(a, "DELETE", path, NULL),
                   "Removed: it is accepted no more, as soon as clients ask again.");
}
