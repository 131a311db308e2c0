/* What is said of a file, as the body of a message. */
#include <ic/together/file.h>

#include <ic/base/reader.h>
#include <ic/base/secret.h>
#include <ic/base/text.h>
#include <ic/base/writer.h>
#include <string.h>

ic_err ic_together_file_new(const struct ic_rand *rand, struct ic_view name, struct ic_view type,
                            uint64_t size, struct ic_together_file *out)
{
    struct ic_together_file f = {.size = size, .chunk = IC_TOGETHER_FILE_CHUNK};
    if (size > IC_TOGETHER_FILE_SIZE_MAX)
        return IC_ERR_LIMIT;
    IC_TRY(ic_rand_fill(rand, f.id, sizeof f.id));
    IC_TRY(ic_rand_fill(rand, f.key, sizeof f.key));
    ic_together_file_name(name, f.name);
    ic_together_file_type(type, f.type);
    *out = f;
    ic_together_file_clear(&f);
    return IC_OK;
}

void ic_together_file_clear(struct ic_together_file *f)
{
    ic_wipe(f, sizeof *f);
}

ic_err ic_together_file_encode(const struct ic_together_file *f, struct ic_buf *out)
{
    /* Room for all of it: a buffer that grows leaves a copy of the key behind. */
    IC_TRY(ic_buf_reserve(out, sizeof *f + 16));
    struct ic_writer w = ic_writer(out);
    ic_write_bytes(&w, IC_VIEW_ARRAY(f->id));
    ic_write_bytes(&w, IC_VIEW_ARRAY(f->key));
    ic_write_u64(&w, f->size);
    ic_write_u32(&w, f->chunk);
    ic_write_bytes(&w, IC_VIEW_ARRAY(f->digest));
    ic_write_vec(&w, ic_view_cstr(f->name));
    ic_write_vec(&w, ic_view_cstr(f->type));
    return ic_writer_end(&w);
}

static void read_into(struct ic_reader *r, uint8_t *out, size_t n)
{
    struct ic_view v = ic_read_bytes(r, n);
    if (v.len == n)
        memcpy(out, v.p, n);
}

ic_err ic_together_file_decode(struct ic_view body, struct ic_together_file *out)
{
    enum {
        TEXT_MAX = 1024
    }; /* longer than we write: what others take for a name is cut, not refused */
    struct ic_together_file f = {0};
    struct ic_reader r = ic_reader(body);
    read_into(&r, f.id, sizeof f.id);
    read_into(&r, f.key, sizeof f.key);
    f.size = ic_read_u64(&r);
    f.chunk = ic_read_u32(&r);
    read_into(&r, f.digest, sizeof f.digest);
    struct ic_view name = ic_read_vec(&r, TEXT_MAX);
    struct ic_view type = ic_read_vec(&r, TEXT_MAX);
    ic_err e = ic_reader_end(&r);
    if (e == IC_OK && (f.size > IC_TOGETHER_FILE_SIZE_MAX || f.chunk < IC_TOGETHER_FILE_CHUNK_MIN ||
                       f.chunk > IC_TOGETHER_FILE_CHUNK_MAX))
        e = IC_ERR_RANGE;
    if (e == IC_OK) {
        ic_together_file_name(name, f.name);
        ic_together_file_type(type, f.type);
        *out = f;
    }
    ic_together_file_clear(&f);
    return e;
}

ic_err ic_together_file_gone_encode(const uint8_t id[IC_TOGETHER_FILE_ID], struct ic_buf *out)
{
    return ic_buf_append(out, ic_view(id, IC_TOGETHER_FILE_ID));
}

ic_err ic_together_file_gone_decode(struct ic_view body, uint8_t id[IC_TOGETHER_FILE_ID])
{
    if (body.len != IC_TOGETHER_FILE_ID)
        return body.len < IC_TOGETHER_FILE_ID ? IC_ERR_TRUNCATED : IC_ERR_TRAILING;
    memcpy(id, body.p, IC_TOGETHER_FILE_ID);
    return IC_OK;
}

void ic_together_file_id_text(const uint8_t id[IC_TOGETHER_FILE_ID],
                              char out[IC_TOGETHER_FILE_ID_TEXT + 1])
{
    ic_base64_encode(IC_BASE64_URL, ic_view(id, IC_TOGETHER_FILE_ID), out);
}

ic_err ic_together_file_id_parse(struct ic_view text, uint8_t id[IC_TOGETHER_FILE_ID])
{
    IC_BUF_SCOPE(b, IC_TOGETHER_FILE_ID);
    if (text.len != IC_TOGETHER_FILE_ID_TEXT)
        return IC_ERR_MALFORMED;
    IC_TRY(ic_base64_decode(IC_BASE64_URL, text, &b));
    if (b.len != IC_TOGETHER_FILE_ID)
        return IC_ERR_MALFORMED;
    memcpy(id, b.p, b.len);
    return IC_OK;
}
