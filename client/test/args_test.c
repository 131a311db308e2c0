#include "cli/args.h"

#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <string.h>

static const struct icc_option options[] = {{"--name", true, "N  a name"},
                                            {"--json", false, "for programs"}};

static bool parse(struct icc_args *a, int argc, const char **argv)
{
    return icc_args_parse(a, options, IC_ARRAY_LEN(options), argc,
                          (char **)(uintptr_t)argv); /* only read */
}

TEST(args_take_values_flags_and_free_ones)
{
    const char *argv[] = {"create", "--name", "Ana", "--json", "rest"};
    struct icc_args a;
    CHECK(parse(&a, 5, argv));
    CHECK(strcmp(icc_args_get(&a, "--name"), "Ana") == 0);
    CHECK(icc_args_has(&a, "--json"));
    CHECK_EQ_INT(a.free_count, 2);
    CHECK(strcmp(a.free[1], "rest") == 0);
}

TEST(args_take_values_behind_an_equals_sign)
{
    const char *argv[] = {"--name=A=na", "--json", "-"};
    struct icc_args a;
    CHECK(parse(&a, 3, argv));
    CHECK(strcmp(icc_args_get(&a, "--name"), "A=na") == 0);
    CHECK(icc_args_has(&a, "--json") && strcmp(a.free[0], "-") == 0);
    const char *flag[] = {"--json=1"}, *part[] = {"--nam=x"}, *empty[] = {"--name="};
    CHECK(!parse(&a, 1, flag) && !parse(&a, 1, part));
    CHECK(parse(&a, 1, empty) && icc_args_get(&a, "--name")[0] == 0);
}

TEST(args_know_a_short_word_for_help)
{
    static const struct icc_option with_help[] = {{"--help", false, "this text"}};
    const char *argv[] = {"-h"}, *other[] = {"-x"};
    struct icc_args a;
    CHECK(icc_args_parse(&a, with_help, 1, 1, (char **)(uintptr_t)argv));
    CHECK(icc_args_has(&a, "--help"));
    CHECK(!parse(&a, 1, argv) && !parse(&a, 1, other));
}

TEST(args_refuse_what_they_do_not_know)
{
    const char *unknown[] = {"--nmae", "Ana"}, *bare[] = {"--name"};
    const char *many[ICC_FREE_MAX + 1];
    for (size_t i = 0; i <= ICC_FREE_MAX; i++)
        many[i] = "x";
    struct icc_args a;
    CHECK(!parse(&a, 2, unknown));
    CHECK(!parse(&a, 1, bare));
    CHECK(!parse(&a, ICC_FREE_MAX + 1, many));
}

TEST(args_numbers_are_bounded)
{
    const char *good[] = {"--name", "12"}, *big[] = {"--name", "13"}, *text[] = {"--name", "1x"},
               *none[] = {"--name", ""};
    struct icc_args a;
    long n = 7;
    CHECK(parse(&a, 2, good) && icc_args_number(&a, "--name", 1, 12, &n));
    CHECK_EQ_INT(n, 12);
    CHECK(parse(&a, 2, big) && !icc_args_number(&a, "--name", 1, 12, &n));
    CHECK(parse(&a, 2, text) && !icc_args_number(&a, "--name", 1, 12, &n));
    CHECK(parse(&a, 2, none) && !icc_args_number(&a, "--name", 1, 12, &n));
    CHECK(parse(&a, 0, good) && icc_args_number(&a, "--name", 1, 12, &n));
    CHECK_EQ_INT(n, 12);
}

TEST(args_that_come_again_are_read_in_order)
{
    const char *twice[] = {"--name", "Ana", "free", "--name=Ben", "--", "--name"};
    struct icc_args a;
    int at = 0;
    CHECK(parse(&a, 4, twice));
    CHECK(strcmp(icc_args_next(&a, "--name", &at), "Ana") == 0);
    CHECK(strcmp(icc_args_next(&a, "--name", &at), "Ben") == 0);
    CHECK(!icc_args_next(&a, "--name", &at) && !icc_args_next(&a, "--name", &at));
    CHECK(strcmp(icc_args_get(&a, "--name"), "Ben") == 0);
}
