/* Everything below one folder: for `make run`, for tests, for a first look. And organisations' tokens. */
#ifndef ICD_EMBEDDED_H
#define ICD_EMBEDDED_H

#include "config/config.h"

struct icd_embedded {
    const char *dir;    /* made where it is missing */
    const char *bind;   /* of https and media; NULL: every address */
    const char *host;   /* name in certificate and links; NULL: this machine's name */
    const char *domain; /* of users' e-mail addresses, taken as verified; NULL: example.org */
    int http_port, https_port, media_port; /* 0: any free one */
    int ready_fd;                          /* gets the ready line; -1: standard output */
};

/* Development certificate, databases, first organisation with its tokens in DIR/token and DIR/admin-token (0600).
 * When it listens it writes one line of JSON:
 * {"event":"ready","http":"http://localhost:P","https":"https://HOST:P","pin":"...","token":"ict_...",
 *  "media_port":P,"dir":"DIR","pages":"SHA-256","admin_token":"ica_...","organisation":"NAME",
 *  "domain":"NAME"}. Returns the program's exit status. */
int icd_embedded_run(const struct icd_embedded *e);

/* A new organisation (add), or a new token for one that there is. token: ICD_TOKEN_LEN + 1 bytes. why:
 * ICD_CONFIG_WHY bytes. A server may be running on the same database. */
ic_err icd_org_token(const struct icd_config *config, const char *name, bool add, char *token,
                     char *why);

#endif
