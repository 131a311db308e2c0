#include <ic/base/reader.h>
#include <ic/base/test.h>

TEST(reader_reads_fields_in_order)
{
    struct ic_reader r = ic_reader(IC_VIEW_STR("\x01\x02\x03\x04\x05\x06\x07\x02zz!"));
    CHECK_EQ_INT(ic_read_u8(&r), 1);
    CHECK_EQ_INT(ic_read_u16(&r), 0x0203);
    CHECK_EQ_INT(ic_read_u32(&r), 0x04050607);
    CHECK_BYTES(ic_read_vec(&r, 2), IC_VIEW_STR("zz"));
    CHECK_ERR(ic_reader_end(&r), IC_ERR_TRAILING);
    CHECK_BYTES(ic_read_bytes(&r, 1), IC_VIEW_STR("!"));
    CHECK_OK(ic_reader_end(&r));
    CHECK_EQ_INT(ic_read_bytes(&r, 0).len, 0);
    CHECK_OK(ic_reader_end(&r));
}

TEST(reader_error_is_sticky)
{
    struct ic_reader r = ic_reader(IC_VIEW_STR("\x01\x02\x03"));
    CHECK_EQ_INT(ic_read_u32(&r), 0);
    CHECK_EQ_INT(ic_read_u8(&r), 0);
    CHECK(!ic_reader_more(&r));
    CHECK_EQ_INT(ic_read_bytes(&r, 1).len, 0);
    CHECK_ERR(ic_reader_end(&r), IC_ERR_TRUNCATED);
    ic_reader_fail(&r, IC_ERR_RANGE);
    CHECK_ERR(ic_reader_end(&r), IC_ERR_TRUNCATED);
    struct ic_reader empty = ic_reader(ic_view(NULL, 0));
    CHECK_OK(ic_reader_end(&empty));
    CHECK_EQ_INT(ic_read_u64(&empty), 0);
    CHECK_ERR(ic_reader_end(&empty), IC_ERR_TRUNCATED);
}

/* RFC 9420 section 2.1.2: its examples, and every way to be wrong. */
/* RFC9420-2.1.2-2 RFC9420-2.1.2-3 */
TEST(reader_varints)
{
    static const struct {
        struct ic_view in;
        uint32_t value;
        ic_err err;
    } rows[] = {
        {IC_VIEW_INIT("\x9d\x7f\x3e\x7d"), 494878333, IC_OK},
        {IC_VIEW_INIT("\x7b\xbd"), 15293, IC_OK},
        {IC_VIEW_INIT("\x25"), 37, IC_OK},
        {IC_VIEW_INIT("\x00"), 0, IC_OK},
        {IC_VIEW_INIT("\x40\x40"), 64, IC_OK},
        {IC_VIEW_INIT("\x80\x00\x40\x00"), 16384, IC_OK},
        {IC_VIEW_INIT("\xbf\xff\xff\xff"), 0x3fffffff, IC_OK},
        {IC_VIEW_INIT("\x40\x25"), 0, IC_ERR_MALFORMED},
        {IC_VIEW_INIT("\x40\x3f"), 0, IC_ERR_MALFORMED},
        {IC_VIEW_INIT("\x80\x00\x3f\xff"), 0, IC_ERR_MALFORMED},
        {IC_VIEW_INIT("\x80\x00\x00\x01"), 0, IC_ERR_MALFORMED},
        {IC_VIEW_INIT("\xc0\x00\x00\x00\x00\x00\x00\x01"), 0, IC_ERR_MALFORMED},
        {IC_VIEW_INIT("\xff"), 0, IC_ERR_MALFORMED},
        {IC_VIEW_INIT("\x7b"), 0, IC_ERR_TRUNCATED},
        {IC_VIEW_INIT("\x9d\x7f\x3e"), 0, IC_ERR_TRUNCATED},
        {IC_VIEW_INIT(""), 0, IC_ERR_TRUNCATED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ic_reader r = ic_reader(rows[i].in);
        CHECK_EQ_INT(ic_read_varint(&r), rows[i].value);
        CHECK_ERR(ic_reader_end(&r), rows[i].err);
    }
}

TEST(reader_bounds_vectors)
{
    struct ic_reader r = ic_reader(IC_VIEW_STR("\x03"
                                               "abc"));
    CHECK_EQ_INT(ic_read_vec(&r, 2).len, 0);
    CHECK_ERR(ic_reader_end(&r), IC_ERR_LIMIT);
    r = ic_reader(IC_VIEW_STR("\x04"
                              "abc"));
    CHECK_EQ_INT(ic_read_vec(&r, 9).len, 0);
    CHECK_ERR(ic_reader_end(&r), IC_ERR_TRUNCATED);
    r = ic_reader(IC_VIEW_STR("\xbf\xff\xff\xff"
                              "abc"));
    CHECK_EQ_INT(ic_read_vec(&r, SIZE_MAX).len, 0);
    CHECK_ERR(ic_reader_end(&r), IC_ERR_TRUNCATED);
}

TEST(reader_nests)
{
    struct ic_reader r = ic_reader(IC_VIEW_STR("\x03"
                                               "\x02"
                                               "abz"));
    struct ic_reader sub = ic_read_sub(&r, 10);
    CHECK_BYTES(ic_read_vec(&sub, 10), IC_VIEW_STR("ab"));
    CHECK_OK(ic_reader_end(&sub));
    CHECK_EQ_INT(ic_read_u8(&r), 'z');
    CHECK_OK(ic_reader_end(&r));
    sub = ic_read_sub(&r, 10);
    CHECK_ERR(ic_reader_end(&sub), IC_ERR_TRUNCATED);
    CHECK_ERR(ic_reader_end(&r), IC_ERR_TRUNCATED);
    CHECK_EQ_INT(ic_read_u8(&sub), 0);
}
