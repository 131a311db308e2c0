#include "io.h"
#include <ic/wire/message.h>
#include <ic/wire/terms.h>

/* Everything that is signed. */
static void body(struct io *io, struct ic_wire_terms *t)
{
    ic_wire_io_enum(io, &t->version, 1, 1);
    ic_wire_io_fixed(io, &t->meeting_id, 16, false);
    ic_wire_io_enum(io, &t->kind, IC_WIRE_INSTANT, IC_WIRE_PERSONAL);
    ic_wire_io_u16(io, &t->suite);
    ic_wire_io_u16(io, &t->sframe_suite);
    ic_wire_io_enum(io, &t->admission, IC_WIRE_HOST_ADMITS, IC_WIRE_LINK_ADMITS);
    ic_wire_io_flag(io, &t->locked);
    ic_wire_io_flag(io, &t->watermark);
    ic_wire_io_flag(io, &t->recording);
    ic_wire_io_vec(io, &t->hosts, IC_WIRE_HOSTS_MAX * (IC_WIRE_KEY_MAX + 2));
    ic_wire_io_vec(io, &t->roots, IC_WIRE_ROOTS_MAX * 33);
    ic_wire_io_vec(io, &t->barred, IC_WIRE_BARRED_MAX * 33);
    ic_wire_io_u64(io, &t->seq);
    ic_wire_io_vec(io, &t->meeting_key, IC_WIRE_KEY_MAX);
    ic_wire_io_vec(io, &t->signer, IC_WIRE_KEY_MAX);
}

/* A list of at most max vectors, each of 1..longest bytes; exactly that long when fixed. */
static ic_err check_list(struct ic_view list, size_t max, size_t longest, bool fixed)
{
    struct ic_reader r = ic_reader(list);
    for (size_t n = 0; ic_reader_more(&r); n++) {
        struct ic_view item = ic_read_vec(&r, longest);
        if (r.err == IC_OK && (item.len == 0 || (fixed && item.len != longest)))
            return IC_ERR_MALFORMED;
        if (n == max)
            return IC_ERR_LIMIT;
    }
    return ic_reader_end(&r);
}

static ic_err check_lists(const struct ic_wire_terms *t)
{
    IC_TRY(check_list(t->hosts, IC_WIRE_HOSTS_MAX, IC_WIRE_KEY_MAX, false));
    IC_TRY(check_list(t->roots, IC_WIRE_ROOTS_MAX, 32, true));
    IC_TRY(check_list(t->barred, IC_WIRE_BARRED_MAX, 32, true));
    return check_list(t->chain, IC_WIRE_CHAIN_MAX, IC_WIRE_TERMS_MAX, false);
}

ic_err ic_wire_terms_decode(struct ic_view bytes, struct ic_wire_terms *out)
{
    struct ic_reader r = ic_reader(bytes);
    struct io io = {.r = &r};
    struct ic_wire_terms t = {0};
    body(&io, &t);
    size_t signed_len = bytes.len - ic_reader_left(&r);
    t.signature = ic_read_vec(&r, IC_WIRE_KEY_MAX);
    t.chain = ic_read_vec(&r, (size_t)IC_WIRE_CHAIN_MAX * (IC_WIRE_TERMS_MAX + 4));
    IC_TRY(ic_reader_end(&r));
    t.tbs = ic_view_sub(bytes, 0, signed_len);
    if (bytes.len - t.chain.len > IC_WIRE_TERMS_MAX)
        return IC_ERR_LIMIT;
    IC_TRY(check_lists(&t));
    *out = t;
    return IC_OK;
}

ic_err ic_wire_terms_encode_tbs(const struct ic_wire_terms *t, struct ic_buf *out)
{
    struct ic_wire_terms copy = *t;
    IC_TRY(check_lists(t));
    struct ic_writer w = ic_writer(out);
    struct io io = {.w = &w};
    body(&io, &copy);
    return ic_writer_end(&w);
}

ic_err ic_wire_terms_encode(const struct ic_wire_terms *t, struct ic_buf *out)
{
    struct ic_wire_terms copy = *t;
    size_t before = out->len;
    IC_TRY(ic_wire_terms_encode_tbs(t, out));
    struct ic_writer w = {.buf = out, .start = before};
    struct io io = {.w = &w};
    ic_wire_io_vec(&io, &copy.signature, IC_WIRE_KEY_MAX);
    ic_write_vec(&w, t->chain);
    if (w.err == IC_OK && out->len - before - t->chain.len > IC_WIRE_TERMS_MAX)
        ic_writer_fail(&w, IC_ERR_LIMIT);
    return ic_writer_end(&w);
}

bool ic_wire_list_next(struct ic_view *rest, struct ic_view *item)
{
    struct ic_reader r = ic_reader(*rest);
    if (!ic_reader_more(&r))
        return false;
    struct ic_view v = ic_read_vec(&r, SIZE_MAX);
    if (r.err != IC_OK)
        return false;
    *item = v;
    *rest = ic_view(r.p, ic_reader_left(&r));
    return true;
}

bool ic_wire_list_has(struct ic_view list, struct ic_view item)
{
    struct ic_view v;
    while (ic_wire_list_next(&list, &v))
        if (ic_view_equal(v, item))
            return true;
    return false;
}

ic_err ic_wire_list_add(struct ic_buf *list, struct ic_view item)
{
    struct ic_writer w = ic_writer(list);
    ic_write_vec(&w, item);
    return ic_writer_end(&w);
}
