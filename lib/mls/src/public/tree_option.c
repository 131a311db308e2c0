#include "codec_internal.h"

#include <ic/mlspub/tree_option.h>
#include <string.h>

static const char https[] = "https://";

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

static bool same_name(struct ic_view a, struct ic_view b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    return true;
}

static bool ends_host(uint8_t c)
{
    return c == '/' || c == '?' || c == '#';
}

/* What stands between https:// and the path, without user and port; empty where the URL is not https. */
static struct ic_view host_of(struct ic_view url)
{
    size_t start = sizeof https - 1, end;
    if (url.len <= start || !same_name(ic_view(url.p, start), ic_view_cstr(https)))
        return ic_view(NULL, 0);
    for (end = start; end < url.len && !ends_host(url.p[end]); end++)
        if (url.p[end] == '@')
            start = end + 1;
    struct ic_view host = ic_view(url.p + start, end - start);
    const uint8_t *port = host.len > 0 ? memchr(host.p, ':', host.len) : NULL;
    if (port)
        host.len = (size_t)(port - host.p);
    return host;
}

static bool valid(const struct ic_mlspub_tree_option *o)
{
    switch (o->representation) {
    case IC_MLS_TREE_FULL:
        return o->data.len > 0;
    case IC_MLS_TREE_HTTPS:
        return host_of(o->data).len > 0;
    default:
        return (o->representation == IC_MLS_TREE_OUT_OF_BAND ||
                o->representation == IC_MLS_TREE_FROM_SERVICE) &&
               o->data.len == 0;
    }
}

ic_err ic_mlspub_tree_option_encode(const struct ic_mlspub_tree_option *o, struct ic_buf *out)
{
    if (!valid(o))
        return IC_ERR_ARG;
    struct ic_writer w = ic_writer(out);
    ic_write_u8(&w, o->representation);
    if (o->representation == IC_MLS_TREE_FULL)
        ic_write_bytes(&w, o->data); /* a vector already */
    else if (o->representation == IC_MLS_TREE_HTTPS)
        ic_write_vec(&w, o->data);
    return ic_writer_end(&w);
}

ic_err ic_mlspub_tree_option_decode(struct ic_view bytes, struct ic_mlspub_tree_option *out)
{
    struct ic_mlspub_tree_option o = {0};
    struct ic_reader r = ic_reader(bytes);
    o.representation = ic_mlspub_read_enum(&r, IC_MLS_TREE_FROM_SERVICE);
    const uint8_t *start = r.p;
    if (o.representation == IC_MLS_TREE_FULL) {
        (void)read_vec(&r);
        o.data = read_since(&r, start);
    } else if (o.representation == IC_MLS_TREE_HTTPS) {
        o.data = read_vec(&r);
    }
    IC_TRY(ic_reader_end(&r));
    if (!valid(&o))
        return IC_ERR_MALFORMED;
    *out = o;
    return IC_OK;
}

ic_err ic_mlspub_tree_domains_encode(const struct ic_view *domains, size_t count,
                                     struct ic_buf *out)
{
    if (count == 0)
        return IC_ERR_ARG;
    struct ic_writer w = ic_writer(out);
    size_t mark = ic_write_open(&w);
    for (size_t i = 0; i < count; i++)
        ic_write_vec(&w, domains[i]);
    ic_write_close(&w, mark);
    return ic_writer_end(&w);
}

bool ic_mlspub_tree_domain_listed(struct ic_view domains, struct ic_view url)
{
    bool found = false;
    struct ic_view host = host_of(url);
    struct ic_reader r = ic_reader(domains);
    struct ic_reader list = ic_read_sub(&r, VEC_MAX);
    while (ic_reader_more(&list))
        found |= same_name(read_vec(&list), host);
    return host.len > 0 && found && ic_reader_end(&list) == IC_OK && ic_reader_end(&r) == IC_OK;
}
