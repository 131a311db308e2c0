/* incamera identity COMMAND */
#include "identity/command.h"

#include "cli/command.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"show", icc_identity_show, "show                 who this device is, and by whose word"},
    {"enrol", icc_identity_enrol,
     "enrol https://SERVER a certificate from your organisation's server"},
    {"renew", icc_identity_renew,
     "renew                a new one before the old one's time is over"},
    {"revoke", icc_identity_revoke, "revoke               it counts no longer"},
    {"audit", icc_identity_audit,
     "audit                what was ever issued in your name, by the organisation's log"},
    {"csr", icc_identity_csr,
     "csr                  a request for a certificate, for an authority of your choice"},
    {"import", icc_identity_import, "import FILE          the certificate that it gave, in PEM"},
    {"roots", icc_identity_roots,
     "roots [add | remove] authorities outside your organisation that this device trusts"},
    {"contacts", icc_identity_contacts,
     "contacts [add | remove]\n"
     "                                           people whose key you compared"},
};

static int help(FILE *to, int status)
{
    fputs(
        "Who this device is: its key, its certificate, whom it trusts. All of it is in a folder of your own\n"
        "($INCAMERA_HOME, else ~/.local/share/incamera), and `incamera join` takes it from there.\n\n",
        to);
    for (size_t i = 0; i < IC_ARRAY_LEN(commands); i++)
        fprintf(to, "  incamera identity %s\n", commands[i].help);
    fputs("\n`incamera identity COMMAND --help` tells the rest.\n", to);
    return status;
}

int icc_command_identity(int argc, char **argv)
{
    if (argc < 1)
        return help(stderr, 2);
    if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0)
        return help(stdout, 0);
    for (size_t i = 0; i < IC_ARRAY_LEN(commands); i++)
        if (strcmp(argv[0], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    fprintf(stderr, "incamera: there is no command identity %s\n", argv[0]);
    return help(stderr, 2);
}
