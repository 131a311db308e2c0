#include "args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t find_part(const struct icc_args *a, const char *name, size_t len)
{
    size_t i = 0;
    while (i < a->count &&
           (strncmp(a->options[i].name, name, len) != 0 || a->options[i].name[len] != 0))
        i++;
    return i;
}

static size_t find(const struct icc_args *a, const char *name)
{
    return find_part(a, name, strlen(name));
}

/* One option at argv[i], with its value behind `=` or in the next argument. Returns arguments used, 0: wrong. */
static int take_option(struct icc_args *a, int left, char **at)
{
    const char *name = strcmp(at[0], "-h") == 0 ? "--help" : at[0], *value = strchr(name, '=');
    size_t len = value ? (size_t)(value - name) : strlen(name), k = find_part(a, name, len);
    if (k == a->count) {
        fprintf(stderr, "incamera: there is no option %.*s here\n", (int)len, name);
        return 0;
    }
    bool wanted = a->options[k].takes_value;
    if (wanted ? !value && left == 1 : value != NULL) {
        fprintf(stderr, "incamera: %s %s\n", a->options[k].name,
                wanted ? "needs a value" : "takes no value");
        return 0;
    }
    a->value[k] = !wanted ? "" : value ? value + 1 : at[1];
    return wanted && !value ? 2 : 1;
}

/* Identifiers are base64url, and every sixty-fourth begins with a dash: where no option is called so, it is one. */
static bool is_identifier(const struct icc_args *a, const char *text)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    enum { LEN = 22 };
    return strlen(text) == LEN && strspn(text, letters) == LEN && find(a, text) == a->count;
}

bool icc_args_parse(struct icc_args *a, const struct icc_option *options, size_t count, int argc,
                    char **argv)
{
    *a = (struct icc_args){.options = options, .count = count, .argc = argc, .argv = argv};
    for (int i = 0, used = 1; i < argc; i += used) {
        used = 1;
        if (argv[i][0] == '-' && argv[i][1] && !is_identifier(a, argv[i])) {
            used = take_option(a, argc - i, argv + i);
            if (!used)
                return false;
        } else if (a->free_count < ICC_FREE_MAX) {
            a->free[a->free_count++] = argv[i];
        } else {
            fprintf(stderr, "incamera: too many arguments, from %s on\n", argv[i]);
            return false;
        }
    }
    return true;
}

const char *icc_args_get(const struct icc_args *a, const char *name)
{
    size_t k = find(a, name);
    return k < a->count ? a->value[k] : NULL;
}

const char *icc_args_next(const struct icc_args *a, const char *name, int *at)
{
    struct icc_args one = {.options = a->options, .count = a->count};
    size_t k = find(a, name);
    while (*at < a->argc && k < a->count) {
        int i = *at;
        bool option = a->argv[i][0] == '-' && a->argv[i][1];
        one.value[k] = NULL;
        *at += option ? take_option(&one, a->argc - i, a->argv + i) : 1;
        if (one.value[k])
            return one.value[k];
    }
    return NULL;
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
