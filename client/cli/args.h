/* Options of a subcommand: `--name VALUE` or `--name=VALUE`, `--flag`, and what stands free. `-h` is `--help`.
 * One shape for all of them.
 *
 *     static const struct icc_option options[] = {{"--name", true, "who you are"}, {"--json", false, "..."}};
 *     struct icc_args a;
 *     if (!icc_args_parse(&a, options, 2, argc, argv)) return 2;     // it has said why
 *     const char *name = icc_args_get(&a, "--name");                 // NULL: not given; "" for a flag
 */
#ifndef ICC_CLI_ARGS_H
#define ICC_CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>

struct icc_option {
    const char *name;
    bool takes_value;
    const char *help; /* "N  what it is": shown after the name */
};

enum { ICC_OPTIONS_MAX = 32, ICC_FREE_MAX = 24 };

struct icc_args {
    const struct icc_option *options;
    size_t count;
    const char *value[ICC_OPTIONS_MAX];
    const char *free[ICC_FREE_MAX];
    size_t free_count;
    int argc;
    char **argv; /* for options that may come again */
};

bool icc_args_parse(struct icc_args *a, const struct icc_option *options, size_t count, int argc,
                    char **argv);
const char *icc_args_get(const struct icc_args *a, const char *name);
/* The values of an option that may be given more than once, in order: *at begins as 0; NULL at the end. */
const char *icc_args_next(const struct icc_args *a, const char *name, int *at);
bool icc_args_has(const struct icc_args *a, const char *name);
/* A whole number in [min, max]; says what is wrong with it and returns false else. Absent: *out stays. */
bool icc_args_number(const struct icc_args *a, const char *name, long min, long max, long *out);
void icc_args_help(const struct icc_option *options, size_t count);

#endif
