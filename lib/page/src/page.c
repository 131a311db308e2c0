#include <ic/page/page.h>
#include <string.h>

enum { ID_LEN = 22, NUMBER_MIN = 10, NUMBER_MAX = 20 };

static const char for_ever[] = "public, max-age=31536000, immutable";
static const char never[] = "no-store";
/* Icons and the like: asked for again, and answered by 304. */
static const char ask_again[] = "no-cache";

bool ic_page_is_meeting(struct ic_view id)
{
    bool digits = id.len >= NUMBER_MIN && id.len <= NUMBER_MAX;
    for (size_t i = 0; i < id.len; i++)
        digits = digits && id.p[i] >= '0' && id.p[i] <= '9';
    return digits || id.len == ID_LEN;
}

static bool begins(struct ic_view v, struct ic_view with)
{
    return v.len >= with.len && memcmp(v.p, with.p, with.len) == 0;
}

bool ic_page_is_page(struct ic_view path)
{
    static const char *const pages[] = {"/", "/signin", "/account"};
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        if (ic_view_equal(path, ic_view(pages[i], strlen(pages[i]))))
            return true;
    return begins(path, IC_VIEW_STR("/m/")) &&
           ic_page_is_meeting(ic_view_sub(path, 3, path.len - 3));
}

static const struct ic_page_file *find(const struct ic_page_bundle *b, struct ic_view path)
{
    if (ic_page_is_page(path))
        path = IC_VIEW_STR("/");
    for (size_t i = 0; i < b->count; i++)
        if (ic_view_equal(path, ic_view(b->files[i].path, strlen(b->files[i].path))))
            return &b->files[i];
    return NULL;
}

/* What follows the coding: nothing, or a weight that is not nought. */
static bool weighs(struct ic_view weight)
{
    for (size_t i = 0; i < weight.len; i++)
        if (weight.p[i] >= '1' && weight.p[i] <= '9')
            return weight.p[0] == ';';
    return weight.len == 0;
}

static bool wants_gzip(struct ic_view list)
{
    while (list.len) {
        const uint8_t *comma = memchr(list.p, ',', list.len);
        size_t n = comma ? (size_t)(comma - list.p) : list.len;
        struct ic_view item = ic_view_sub(list, 0, n);
        list = ic_view_sub(list, n + (comma ? 1 : 0), list.len - n - (comma ? 1 : 0));
        while (item.len && item.p[0] == ' ')
            item = ic_view_sub(item, 1, item.len - 1);
        if (begins(item, IC_VIEW_STR("gzip")) && weighs(ic_view_sub(item, 4, item.len - 4)))
            return true;
    }
    return false;
}

static bool has_already(struct ic_view etags, const char *etag)
{
    size_t n = strlen(etag);
    for (size_t at = 0; at + n <= etags.len; at++)
        if (memcmp(etags.p + at, etag, n) == 0)
            return true;
    return false;
}

static const char *caching(const struct ic_page_file *f)
{
    if (f->named_by_content)
        return for_ever;
    return strncmp(f->type, "image/", 6) == 0 ? ask_again : never;
}

bool ic_page_answer(const struct ic_page_bundle *b, const struct ic_page_request *q,
                    struct ic_page_answer *out)
{
    const struct ic_page_file *f = find(b, q->path);
    if (!f)
        return false;
    *out = (struct ic_page_answer){
        .status = 200, .type = f->type, .etag = f->etag, .cache = caching(f), .body = f->bytes};
    if (out->cache != never && has_already(q->if_none_match, f->etag)) {
        out->status = 304;
        out->body = ic_view(NULL, 0);
    } else if (f->gzip.len && wants_gzip(q->accept_encoding)) {
        out->encoding = "gzip";
        out->body = f->gzip;
    }
    return true;
}
