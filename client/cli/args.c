#include "args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t find(const struct icc_args *a, const char *name)
{
    size_t i = 0;
    while (i < a->count && strcmp(a->options[i].name, name) != 0)
        i++;
    return i;
}

bool icc_args_parse(struct icc_args *a, const struct icc_option *options, size_t count, int argc,
                    char **argv)
{
    *a = (struct icc_args){.options = options, .count = count};
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0) {
            if (a->free_count == ICC_FREE_MAX) {
                fprintf(stderr, "incamera: too many arguments, from %s on\n", argv[i]);
                return false;
            }
            a->free[a->free_count++] = argv[i];
            continue;
        }
        size_t k = find(a, argv[i]);
        if (k == count) {
            fprintf(stderr, "incamera: there is no option %s here\n", argv[i]);
            return false;
        }
        if (options[k].takes_value && i + 1 == argc) {
            fprintf(stderr, "incamera: %s needs a value\n", argv[i]);
            return false;
        }
        a->value[k] = options[k].takes_value ? argv[++i] : "";
    }
    return true;
}

const char *icc_args_get(const struct icc_args *a, const char *name)
{
    size_t k = find(a, name);
    return k < a->count ? a->value[k] : NULL;
}

bool icc_args_has(const struct icc_args *a, const char *name)
{
    return icc_args_get(a, name) != NULL;
}

bool icc_args_number(const struct icc_args *a, const char *name, long min, long max, long *out)
{
    const char *text = icc_args_get(a, name);
    if (!text)
        return true;
    char *end;
    long v = strtol(text, &end, 10);
    if (*text == 0 || *end != 0 || v < min || v > max) {
        fprintf(stderr, "incamera: %s wants a number from %ld to %ld\n", name, min, max);
        return false;
    }
    *out = v;
    return true;
}

void icc_args_help(const struct icc_option *options, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *gap = strstr(options[i].help, "  ");
        int value = gap ? (int)(gap - options[i].help) : 0;
        char left[48];
        snprintf(left, sizeof left, "%s %.*s", options[i].name, value, options[i].help);
        printf("  %-24s %s\n", left, gap ? gap + 2 : options[i].help);
    }
}
