/* draft-ietf-mls-ratchet-tree-options: where the tree is. */
#include "sim.h"
#include <ic/base/mem.h>
#include <ic/mlspub/tree_option.h>

static void round_trip(uint8_t representation, struct ic_view data)
{
    struct ic_mlspub_tree_option in = {representation, data}, out;
    IC_BUF_SCOPE(bytes, 1 << 20);
    CHECK_OK(ic_mlspub_tree_option_encode(&in, &bytes));
    CHECK_EQ_INT(bytes.p[0], representation);
    CHECK_OK(ic_mlspub_tree_option_decode(ic_buf_view(&bytes), &out));
    CHECK_EQ_INT(out.representation, representation);
    CHECK_BYTES(out.data, data);
    for (size_t n = 0; n < bytes.len; n++)
        CHECK(ic_mlspub_tree_option_decode(ic_view(bytes.p, n), &out) != IC_OK);
    CHECK_OK(ic_buf_append(&bytes, IC_VIEW_STR("x")));
    CHECK_ERR(ic_mlspub_tree_option_decode(ic_buf_view(&bytes), &out), IC_ERR_TRAILING);
}

TEST(tree_options_say_where_the_tree_is)
{
    SIM(s, 1, 3);
    IC_BUF_SCOPE(tree, 1 << 20);
    CHECK_OK(ic_mlspub_tree_encode(s.tree, &tree));
    round_trip(IC_MLS_TREE_FULL, ic_buf_view(&tree));
    round_trip(IC_MLS_TREE_HTTPS, IC_VIEW_STR("https://hub.example/trees/1"));
    round_trip(IC_MLS_TREE_OUT_OF_BAND, ic_view(NULL, 0));
    round_trip(IC_MLS_TREE_FROM_SERVICE, ic_view(NULL, 0));
}

TEST(tree_options_that_are_none_are_refused)
{
    struct ic_mlspub_tree_option out;
    IC_BUF_SCOPE(bytes, 1 << 10);
    const struct ic_mlspub_tree_option wrong[] = {
        {0, {0}},
        {5, {0}},
        {IC_MLS_TREE_FULL, {0}},
        {IC_MLS_TREE_OUT_OF_BAND, IC_VIEW_STR("x")},
        {IC_MLS_TREE_HTTPS, IC_VIEW_STR("http://hub.example/")},
        {IC_MLS_TREE_HTTPS, IC_VIEW_STR("https://")},
    };
    for (size_t i = 0; i < IC_ARRAY_LEN(wrong); i++)
        CHECK_ERR(ic_mlspub_tree_option_encode(&wrong[i], &bytes), IC_ERR_ARG);
    CHECK_EQ_INT(bytes.len, 0);
    CHECK_ERR(ic_mlspub_tree_option_decode(IC_VIEW_STR("\0"), &out), IC_ERR_RANGE);
    CHECK_ERR(ic_mlspub_tree_option_decode(IC_VIEW_STR("\5"), &out), IC_ERR_RANGE);
    CHECK_ERR(ic_mlspub_tree_option_decode(IC_VIEW_STR("\2\7http://"), &out), IC_ERR_MALFORMED);
}

TEST(tree_source_domains_are_compared_as_names)
{
    const struct ic_view domains[] = {IC_VIEW_STR("hub.example"), IC_VIEW_STR("b.example")};
    static const char *const good[] = {"https://hub.example/x", "HTTPS://Hub.Example",
                                       "https://b.example:8443/t?x=1", "https://u@hub.example/"};
    static const char *const bad[] = {
        "https://evil.example/",           "http://hub.example/x",      "https://hub.example.evil/",
        "https://evil/@hub.example",       "https://hub.example@evil/", "hub.example",
        "https://evil.example?hub.example"};
    IC_BUF_SCOPE(list, 1 << 10);
    CHECK_ERR(ic_mlspub_tree_domains_encode(NULL, 0, &list), IC_ERR_ARG);
    CHECK_OK(ic_mlspub_tree_domains_encode(domains, 2, &list));
    for (size_t i = 0; i < IC_ARRAY_LEN(good); i++)
        CHECK(ic_mlspub_tree_domain_listed(ic_buf_view(&list), ic_view_cstr(good[i])));
    for (size_t i = 0; i < IC_ARRAY_LEN(bad); i++)
        CHECK(!ic_mlspub_tree_domain_listed(ic_buf_view(&list), ic_view_cstr(bad[i])));
    list.len--;
    CHECK(!ic_mlspub_tree_domain_listed(ic_buf_view(&list), ic_view_cstr(good[0])));
}
