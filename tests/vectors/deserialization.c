#include "vectors.h"

#include <ic/base/reader.h>
#include <ic/base/writer.h>

bool run_deserialization(struct vec *v, const json_t *c)
{
    struct ic_view header = vec_bytes(v, c, "vlbytes_header");
    struct ic_reader r = ic_reader(header);
    uint32_t len = ic_read_varint(&r);
    VEC_OK(v, ic_reader_end(&r));
    VEC_CHECK(v, len == vec_int(c, "length"));
    IC_BUF_SCOPE(b, 16);
    struct ic_writer w = ic_writer(&b);
    ic_write_varint(&w, len);
    VEC_OK(v, ic_writer_end(&w));
    VEC_EQUAL(v, ic_buf_view(&b), header);
    return true;
}
