#include <ic/base/mem.h>
#include <ic/base/reader.h>
#include <ic/base/test.h>
#include <ic/base/writer.h>
#include <string.h>

TEST(writer_writes_fields)
{
    IC_BUF_SCOPE(b, 100);
    struct ic_writer w = ic_writer(&b);
    ic_write_u8(&w, 1);
    ic_write_u16(&w, 0x0203);
    ic_write_u32(&w, 0x04050607);
    ic_write_u64(&w, 0x08090a0b0c0d0e0f);
    ic_write_varint(&w, 494878333);
    ic_write_varint(&w, 15293);
    ic_write_varint(&w, 37);
    ic_write_vec(&w, IC_VIEW_STR("ab"));
    CHECK_OK(ic_writer_end(&w));
    CHECK_HEX(ic_buf_view(&b), "0102030405060708090a0b0c0d0e0f9d7f3e7d7bbd25026162");
}

/* RFC9420-2.1.2-1 */
TEST(writer_varint_bounds)
{
    static const struct {
        size_t value;
        const char *hex;
    } rows[] = {{0, "00"},       {63, "3f"},          {64, "4040"},
                {16383, "7fff"}, {16384, "80004000"}, {0x3fffffff, "bfffffff"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        IC_BUF_SCOPE(b, 4);
        struct ic_writer w = ic_writer(&b);
        ic_write_varint(&w, rows[i].value);
        CHECK_OK(ic_writer_end(&w));
        CHECK_HEX(ic_buf_view(&b), rows[i].hex);
    }
    IC_BUF_SCOPE(b, 8);
    struct ic_writer w = ic_writer(&b);
    ic_write_varint(&w, 0x40000000);
    CHECK_ERR(ic_writer_end(&w), IC_ERR_RANGE);
}

/* Every length class, nested: what a vector holds must read back. */
TEST(writer_closes_vectors)
{
    static const size_t lens[] = {0,     1,     61,    62,    63,    64,   65,
                                  16380, 16381, 16382, 16383, 16384, 20000};
    static uint8_t content[20000];
    memset(content, 'x', sizeof content);
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        IC_BUF_SCOPE(b, 1 << 16);
        CHECK_OK(ic_buf_append(&b, IC_VIEW_STR("before")));
        struct ic_writer w = ic_writer(&b);
        size_t outer = ic_write_open(&w);
        ic_write_u8(&w, 9);
        size_t inner = ic_write_open(&w);
        ic_write_bytes(&w, ic_view(content, lens[i]));
        ic_write_close(&w, inner);
        ic_write_u8(&w, 8);
        ic_write_close(&w, outer);
        CHECK_OK(ic_writer_end(&w));
        struct ic_reader r = ic_reader(ic_buf_view(&b));
        CHECK_BYTES(ic_read_bytes(&r, 6), IC_VIEW_STR("before"));
        struct ic_reader sub = ic_read_sub(&r, SIZE_MAX);
        CHECK_OK(ic_reader_end(&r));
        CHECK_EQ_INT(ic_read_u8(&sub), 9);
        CHECK_BYTES(ic_read_vec(&sub, SIZE_MAX), ic_view(content, lens[i]));
        CHECK_EQ_INT(ic_read_u8(&sub), 8);
        CHECK_OK(ic_reader_end(&sub));
    }
}

TEST(writer_cuts_back_on_error)
{
    IC_BUF_SCOPE(b, 10);
    CHECK_OK(ic_buf_append(&b, IC_VIEW_STR("kept")));
    struct ic_writer w = ic_writer(&b);
    size_t mark = ic_write_open(&w);
    ic_write_u32(&w, 1);
    ic_write_u32(&w, 2);
    ic_write_u8(&w, 3);
    ic_write_close(&w, mark);
    CHECK_ERR(ic_writer_end(&w), IC_ERR_LIMIT);
    CHECK_BYTES(ic_buf_view(&b), IC_VIEW_STR("kept"));
    ic_writer_fail(&w, IC_ERR_RANGE);
    CHECK_ERR(ic_writer_end(&w), IC_ERR_LIMIT);
}

static ic_err writes(void *ctx)
{
    (void)ctx;
    IC_BUF_SCOPE(b, 1 << 16);
    struct ic_writer w = ic_writer(&b);
    size_t mark = ic_write_open(&w);
    for (uint32_t i = 0; i < 1000; i++)
        ic_write_u32(&w, i);
    ic_write_close(&w, mark);
    ic_err e = ic_writer_end(&w);
    return e != IC_OK && b.len != 0 ? IC_ERR_STATE : e;
}

TEST(writer_survives_failing_allocations)
{
    CHECK(ic_test_each_alloc_fails(writes, NULL) >= 3);
}
