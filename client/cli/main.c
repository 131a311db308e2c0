#include "command.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

#ifndef IC_VERSION
#define IC_VERSION "unknown"
#endif

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"join", icc_command_join, "join URL            enter a meeting by its link or number"},
    {"meeting", icc_command_meeting,
     "meeting create | list | show\n                               make meetings and look at them"},
    {"identity", icc_command_identity,
     "identity COMMAND    who this device is: its key, certificate, roots and contacts"},
    {"admin", icc_command_admin,
     "admin COMMAND       users, domains, roots and policies of an organisation"},
    {"web", icc_command_web,
     "web [LINK]          the pages of this program on localhost, for a browser here"},
    {"crypto", icc_command_crypto,
     "crypto info         who does each primitive, and what is proved of it"},
};

static int help(FILE *to, int status)
{
    fprintf(to, "incamera " IC_VERSION ": meetings that their own server cannot see into\n\n");
    for (size_t i = 0; i < IC_ARRAY_LEN(commands); i++)
        fprintf(to, "  incamera %s\n", commands[i].help);
    fprintf(to, "\n`incamera COMMAND --help` tells the rest.\n");
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return help(stderr, 2);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0)
        return help(stdout, 0);
    if (strcmp(argv[1], "--version") == 0) {
        puts("incamera " IC_VERSION);
        return 0;
    }
    for (size_t i = 0; i < IC_ARRAY_LEN(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 2, argv + 2);
    fprintf(stderr, "incamera: there is no command %s\n", argv[1]);
    return help(stderr, 2);
}
