/* The first bytes are a program of reads, the rest is its input. What was read as vectors is written
 * again and must come out the same. */
#include <ic/base/reader.h>
#include <ic/base/text.h>
#include <ic/base/writer.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void one_read(struct ic_reader *r, uint8_t op)
{
    switch (op % 7) {
    case 0:
        (void)ic_read_u8(r);
        break;
    case 1:
        (void)ic_read_u16(r);
        break;
    case 2:
        (void)ic_read_u32(r);
        break;
    case 3:
        (void)ic_read_u64(r);
        break;
    case 4:
        (void)ic_read_bytes(r, op);
        break;
    case 5: {
        struct ic_reader sub = ic_read_sub(r, 100);
        while (ic_reader_more(&sub))
            (void)ic_read_varint(&sub);
        break;
    }
    default:
        (void)ic_read_vec(r, op * 16u);
    }
}

static void round_trip(struct ic_view v)
{
    IC_BUF_SCOPE(b, 1 << 20);
    struct ic_reader r = ic_reader(v);
    struct ic_writer w = ic_writer(&b);
    while (ic_reader_more(&r)) {
        struct ic_view vec = ic_read_vec(&r, SIZE_MAX);
        if (r.err == IC_OK)
            ic_write_vec(&w, vec);
    }
    if (ic_writer_end(&w) != IC_OK)
        abort();
    if (b.len && !ic_view_equal(ic_buf_view(&b), ic_view_sub(v, 0, b.len)))
        abort();
}

static void texts(struct ic_view v)
{
    IC_BUF_SCOPE(b, 1 << 20);
    (void)ic_view_is_text(v);
    IC_IGNORE(ic_hex_decode(v, &b));
    IC_IGNORE(ic_base64_decode(IC_BASE64_STD, v, &b));
    IC_IGNORE(ic_base64_decode(IC_BASE64_URL, v, &b));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 8)
        return 0;
    struct ic_view input = ic_view(data + 8, size - 8);
    struct ic_reader r = ic_reader(input);
    for (size_t i = 0; i < 8; i++)
        one_read(&r, data[i]);
    IC_IGNORE(ic_reader_end(&r));
    round_trip(input);
    texts(input);
    return 0;
}
