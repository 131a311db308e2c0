#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/together/file_list.h>
#include <ic/together/kinds.h>
#include <string.h>

static const uint8_t ana[32] = {1}, ben[32] = {2};

static void body_of(uint8_t id, struct ic_buf *out)
{
    struct ic_together_file f = {
        .id = {id}, .key = {9}, .size = 5, .chunk = 4096, .name = "a.txt", .type = "text/plain"};
    ic_buf_reset(out);
    CHECK_OK(ic_together_file_encode(&f, out));
}

static void gone_of(uint8_t id, struct ic_buf *out)
{
    uint8_t all[IC_TOGETHER_FILE_ID] = {id};
    ic_buf_reset(out);
    CHECK_OK(ic_together_file_gone_encode(all, out));
}

static ic_err said(struct ic_together_files *l, uint16_t kind, const struct ic_buf *b,
                   const uint8_t by[32], bool host, size_t *i)
{
    return ic_together_files_said(l, kind, ic_buf_view(b), by, host, i);
}

TEST(file_list_takes_an_id_once)
{
    struct ic_together_files *l;
    size_t i = 99;
    IC_BUF_SCOPE(b, 4096);
    CHECK_OK(ic_together_files_new(&l));
    body_of(1, &b);
    CHECK_OK(said(l, IC_TOGETHER_FILE, &b, ana, false, &i));
    CHECK_EQ_INT(i, 0);
    CHECK_BYTES(ic_view_cstr(ic_together_files_at(l, 0)->file.name), IC_VIEW_STR("a.txt"));
    CHECK_ERR(said(l, IC_TOGETHER_FILE, &b, ben, true, &i), IC_ERR_EXISTS);
    CHECK_ERR(said(l, 1, &b, ana, false, &i), IC_ERR_UNSUPPORTED);
    CHECK_EQ_INT(ic_together_files_count(l), 1);
    ic_together_files_free(l);
}

TEST(file_list_lets_the_sharer_and_hosts_withdraw)
{
    static const uint8_t zero[IC_TOGETHER_FILE_KEY];
    struct ic_together_files *l;
    size_t i = 99;
    IC_BUF_SCOPE(b, 4096);
    CHECK_OK(ic_together_files_new(&l));
    for (uint8_t id = 1; id <= 2; id++) {
        body_of(id, &b);
        CHECK_OK(said(l, IC_TOGETHER_FILE, &b, ana, false, &i));
    }
    gone_of(1, &b);
    CHECK_ERR(said(l, IC_TOGETHER_FILE_WITHDRAWN, &b, ben, false, &i), IC_ERR_DENIED);
    CHECK(!ic_together_files_at(l, 0)->gone);
    CHECK_OK(said(l, IC_TOGETHER_FILE_WITHDRAWN, &b, ana, false, &i));
    CHECK_EQ_INT(i, 0);
    CHECK(ic_together_files_at(l, 0)->gone);
    CHECK(memcmp(ic_together_files_at(l, 0)->file.key, zero, sizeof zero) == 0);
    CHECK_ERR(said(l, IC_TOGETHER_FILE_WITHDRAWN, &b, ana, false, &i), IC_ERR_NOT_FOUND);
    gone_of(2, &b);
    CHECK_OK(said(l, IC_TOGETHER_FILE_WITHDRAWN, &b, ben, true, &i));
    CHECK_EQ_INT(i, 1);
    gone_of(3, &b);
    CHECK_ERR(said(l, IC_TOGETHER_FILE_WITHDRAWN, &b, ana, true, &i), IC_ERR_NOT_FOUND);
    /* Withdrawn is withdrawn: the id does not come back. */
    body_of(1, &b);
    CHECK_ERR(said(l, IC_TOGETHER_FILE, &b, ana, false, &i), IC_ERR_EXISTS);
    ic_together_files_free(l);
}

TEST(file_list_has_a_limit)
{
    struct ic_together_files *l;
    size_t i = 0;
    IC_BUF_SCOPE(b, 4096);
    CHECK_OK(ic_together_files_new(&l));
    body_of(1, &b);
    for (size_t k = 0; k <= IC_TOGETHER_FILES_MAX; k++) {
        b.p[1] = (uint8_t)(k >> 8);
        b.p[2] = (uint8_t)k;
        ic_err e = said(l, IC_TOGETHER_FILE, &b, ana, false, &i);
        CHECK(e == (k < IC_TOGETHER_FILES_MAX ? IC_OK : IC_ERR_LIMIT));
    }
    ic_together_files_free(l);
}

TEST(file_announcement_comes_back_as_it_was)
{
    struct ic_test_rand state;
    struct ic_rand rand = ic_test_rand(&state, 5);
    struct ic_together_file f, back;
    IC_BUF_SCOPE(b, 4096);
    CHECK_OK(ic_together_file_new(&rand, IC_VIEW_STR("x.png"), IC_VIEW_STR("image/png"), 77, &f));
    memset(f.digest, 3, sizeof f.digest);
    CHECK_OK(ic_together_file_encode(&f, &b));
    CHECK_OK(ic_together_file_decode(ic_buf_view(&b), &back));
    CHECK(memcmp(&f, &back, sizeof f) == 0);
    /* Every shorter body, and a longer one, is refused, and nothing is written. */
    memset(&back, 0x55, sizeof back);
    for (size_t n = 0; n < b.len; n++) {
        ic_err e = ic_together_file_decode(ic_view(b.p, n), &back);
        CHECK(e == IC_ERR_TRUNCATED);
    }
    CHECK_OK(ic_buf_append(&b, IC_VIEW_STR("x")));
    CHECK_ERR(ic_together_file_decode(ic_buf_view(&b), &back), IC_ERR_TRAILING);
    CHECK_EQ_INT(back.id[0], 0x55);
}

TEST(file_announcement_with_impossible_sizes_is_refused)
{
    static const struct {
        uint64_t size;
        uint32_t chunk;
        ic_err want;
    } rows[] = {
        {IC_TOGETHER_FILE_SIZE_MAX, IC_TOGETHER_FILE_CHUNK_MAX, IC_OK},
        {IC_TOGETHER_FILE_SIZE_MAX + 1, 4096, IC_ERR_RANGE},
        {UINT64_MAX, 4096, IC_ERR_RANGE},
        {1, 0, IC_ERR_RANGE},
        {1, IC_TOGETHER_FILE_CHUNK_MIN - 1, IC_ERR_RANGE},
        {1, IC_TOGETHER_FILE_CHUNK_MAX + 1, IC_ERR_RANGE},
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++) {
        struct ic_together_file f = {.size = rows[i].size, .chunk = rows[i].chunk}, back;
        struct ic_together_opener *o;
        IC_BUF_SCOPE(b, 4096);
        CHECK_OK(ic_together_file_encode(&f, &b));
        ic_err e = ic_together_file_decode(ic_buf_view(&b), &back);
        CHECK_EQ_INT(e, rows[i].want);
        e = ic_together_opener_new(&f, &o);
        CHECK_EQ_INT(e, rows[i].want);
        if (e == IC_OK)
            ic_together_opener_free(o);
    }
}

TEST(file_announcement_is_made_safe_where_it_arrives)
{
    struct ic_together_file f = {.chunk = 4096}, back;
    IC_BUF_SCOPE(b, 4096);
    strcpy(f.name, "../\xe2\x80\xaex");
    strcpy(f.type, "text/html;x");
    CHECK_OK(ic_together_file_encode(&f, &b));
    CHECK_OK(ic_together_file_decode(ic_buf_view(&b), &back));
    CHECK_BYTES(ic_view_cstr(back.name), IC_VIEW_STR("_x"));
    CHECK_BYTES(ic_view_cstr(back.type), IC_VIEW_STR("application/octet-stream"));
}

TEST(file_ids_as_text)
{
    uint8_t id[IC_TOGETHER_FILE_ID] = {0xfb, 0xff}, back[IC_TOGETHER_FILE_ID];
    char text[IC_TOGETHER_FILE_ID_TEXT + 1];
    ic_together_file_id_text(id, text);
    CHECK_BYTES(ic_view_cstr(text), IC_VIEW_STR("-_8AAAAAAAAAAAAAAAAAAA"));
    CHECK_OK(ic_together_file_id_parse(ic_view_cstr(text), back));
    CHECK(memcmp(id, back, sizeof id) == 0);
    CHECK_ERR(ic_together_file_id_parse(IC_VIEW_STR("-_8AAAAAAAAAAAAAAAAAA"), back),
              IC_ERR_MALFORMED);
    CHECK_ERR(ic_together_file_id_parse(IC_VIEW_STR("../AAAAAAAAAAAAAAAAAAA"), back),
              IC_ERR_MALFORMED);
}
