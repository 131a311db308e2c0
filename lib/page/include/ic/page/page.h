/* The web client as bytes in a program, and how it is served: which answer belongs to a path, with which headers.
 *
 *     struct ic_page_answer a;
 *     struct ic_page_request q = {.path = path, .accept_encoding = encodings, .if_none_match = etags};
 *     if (ic_page_answer(&ic_page_own, &q, &a))
 *         send(a.status, a.type, a.body, ic_page_headers(&n));
 *
 * `incamerad` and `incamera web` serve the same way. What is in a bundle and how it is signed: docs/web.md.
 * Pure; every answer borrows bytes of the bundle, which live as long as the program. Any thread.
 */
#ifndef IC_PAGE_PAGE_H
#define IC_PAGE_PAGE_H

#include <ic/base/bytes.h>
#include <stdbool.h>
#include <stddef.h>

struct ic_page_file {
    const char *path; /* "/" is the page itself */
    const char *type;
    const char *etag; /* quoted */
    struct ic_view bytes;
    struct ic_view gzip; /* the same compressed; empty where that is not shorter */
    bool named_by_content;
};

struct ic_page_bundle {
    const struct ic_page_file *files;
    size_t count; /* 0: the program was built without the pages */
    /* SHA-256 of the manifest, 64 hexadecimal digits; "" without a bundle. */
    const char *hash;
    /* "release", "development" or "unsigned". */
    const char *signed_by;
};

/* What this program was built with. */
extern const struct ic_page_bundle ic_page_own;

struct ic_page_request {
    struct ic_view path;            /* without query */
    struct ic_view accept_encoding; /* header fields; empty where there is none */
    struct ic_view if_none_match;
};

struct ic_page_answer {
    int status; /* 200, or 304 without a body */
    const char *type, *etag;
    const char *cache;    /* cache-control */
    const char *encoding; /* "gzip", or NULL */
    struct ic_view body;
};

struct ic_page_header {
    const char *name, *value; /* the name in lower case, with its colon */
};

/* false: no path of the bundle. The page itself answers wherever ic_page_is_page says so. */
bool ic_page_answer(const struct ic_page_bundle *b, const struct ic_page_request *q,
                    struct ic_page_answer *out);
/* Of every answer with a file of the bundle: policies that confine the page. */
const struct ic_page_header *ic_page_headers(size_t *count);
/* Whether the page stands at this path: /, /signin, /account and /m/ID. */
bool ic_page_is_page(struct ic_view path);
/* Whether what follows /m/ could be a meeting's id or number. */
bool ic_page_is_meeting(struct ic_view id);

#endif
