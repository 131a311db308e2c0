#include <ic/base/err.h>
#include <ic/base/test.h>

TEST(errors_have_names_and_texts)
{
    CHECK_BYTES(ic_view_cstr(ic_err_name(IC_OK)), IC_VIEW_STR("OK"));
    CHECK_BYTES(ic_view_cstr(ic_err_name(IC_ERR_BUSY)), IC_VIEW_STR("ERR_BUSY"));
    CHECK_BYTES(ic_view_cstr(ic_err_text(IC_ERR_NOMEM)), IC_VIEW_STR("out of memory"));
    CHECK(ic_err_text((ic_err)9999)[0] != 0);
    CHECK(ic_err_name((ic_err)9999)[0] != 0);
}
