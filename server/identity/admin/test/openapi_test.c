/* docs/api/admin.openapi.yaml and the table of routes say the same, both ways: method, path, scope. */
#include "identity/admin/private.h"

#include <ic/base/test.h>
#include <stdio.h>
#include <string.h>

enum { ROUTES_MAX = 64 };
struct documented {
    char method[64], path[80], scope[80];
};

static size_t read_document(struct documented *out)
{
    char line[400], path[80] = "";
    size_t n = 0;
    bool inside = false;
    FILE *f = fopen(IC_SOURCE_ROOT "/docs/api/admin.openapi.yaml", "re");
    while (f && n < ROUTES_MAX && fgets(line, sizeof line, f)) {
        char word[64];
        if (line[0] != ' ')
            inside = strcmp(line, "paths:\n") == 0;
        if (!inside)
            continue;
        if (sscanf(line, "  /%62[^:\n]:", word) == 1 && line[2] == '/')
            snprintf(path, sizeof path, "/%s", word);
        else if (strncmp(line, "    ", 4) == 0 && line[4] != ' ' &&
                 sscanf(line + 4, "%7[a-z]:", word) == 1 && strcmp(word, "paramet") != 0) {
            snprintf(out[n].path, sizeof out[n].path, "%s", path);
            snprintf(out[n].method, sizeof out[n].method, "%s", word);
            for (char *c = out[n].method; *c; c++)
                *c = (char)(*c - 'a' + 'A');
            strcpy(out[n++].scope, "none said");
        } else if (n && sscanf(line, "      security: [{token: [%63[^]]]", word) == 1) {
            char *to = out[n - 1].scope;
            for (const char *c = word; *c; c++)
                if (*c != '"')
                    *to++ = *c;
            *to = '\0';
        } else if (n && strcmp(line, "      security: [{token: []}]\n") == 0) {
            out[n - 1].scope[0] = '\0';
        }
    }
    if (f)
        fclose(f);
    return n;
}

/* Of several the later one first: "policy, users:write". */
static const char *scope_of(const struct icd_admin_route *r)
{
    static char text[200];
    size_t n = 0;
    text[0] = '\0';
    for (size_t i = 8; i-- > 0;)
        if (r->scope & 1u << i)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n ? ", " : "",
                                  icd_scope_name(i));
    return text;
}

TEST(openapi_document_and_routes_are_the_same)
{
    static struct documented doc[ROUTES_MAX];
    size_t n = read_document(doc), routes = 0;
    for (const struct icd_admin_route *r = icd_admin_routes; r->method; r++, routes++) {
        size_t i = 0;
        while (i < n &&
               (strcmp(doc[i].path, r->path) != 0 || strcmp(doc[i].method, r->method) != 0))
            i++;
        if (i == n)
            printf("not documented: %s %s\n", r->method, r->path);
        CHECK(i < n);
        if (strcmp(doc[i].scope, scope_of(r)) != 0)
            printf("%s %s: %s is documented, the route has %s\n", r->method, r->path, doc[i].scope,
                   scope_of(r));
        CHECK(strcmp(doc[i].scope, scope_of(r)) == 0);
    }
    CHECK_EQ_INT(routes, n);
    CHECK(n > 20);
}
