/* incamera crypto info [--json] */
#include "args.h"
#include "command.h"

#include <ic/base/mem.h>
#include <ic/crypto/info.h>
#include <ic/crypto/suite.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static void print_json(void)
{
    json_t *list = json_array(), *suites = json_array();
    const struct ic_crypto_primitive *p;
    const struct ic_suite *s;
    for (size_t i = 0; (p = ic_crypto_info(i)); i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "primitive", p->primitive,
                                              "provider", p->provider, "version", p->version,
                                              "proved", p->proved));
    for (size_t i = 0; (s = ic_suite_at(i)); i++)
        json_array_append_new(suites, json_pack("{s:i, s:s}", "id", (int)s->id, "name", s->name));
    json_t *all = json_pack("{s:s, s:o, s:o}", "provider", ic_crypto_provider_line(), "suites",
                            suites, "primitives", list);
    json_dumpf(all, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(all);
}

static void print_table(void)
{
    const struct ic_crypto_primitive *p;
    const struct ic_suite *s;
    printf("%s\n\n", ic_crypto_provider_line());
    for (size_t i = 0; (s = ic_suite_at(i)); i++)
        printf("suite %u  %s\n", s->id, s->name);
    printf("\n%-20s %-10s %-10s %s\n", "primitive", "provider", "version", "proved");
    for (size_t i = 0; (p = ic_crypto_info(i)); i++)
        printf("%-20s %-10s %-10s %s\n", p->primitive, p->provider, p->version, p->proved);
}

int icc_command_crypto(int argc, char **argv)
{
    static const struct icc_option options[] = {{"--json", false, "for programs"},
                                                {"--help", false, "this text"}};
    struct icc_args a;
    if (!icc_args_parse(&a, options, IC_ARRAY_LEN(options), argc, argv))
        return 2;
    bool info = a.free_count == 1 && strcmp(a.free[0], "info") == 0;
    if (icc_args_has(&a, "--help") || !info) {
        puts("incamera crypto info [--json]");
        icc_args_help(options, IC_ARRAY_LEN(options));
        return icc_args_has(&a, "--help") ? 0 : 2;
    }
    if (icc_args_has(&a, "--json"))
        print_json();
    else
        print_table();
    return 0;
}
