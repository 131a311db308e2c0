/* incamera web [LINK] [--server URL] [--port N] [--json] */
#include "args.h"
#include "command.h"
#include "web/serve.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fixed, so that a browser keeps one identity for it. */
enum { PORT = 8180 };

static const struct icc_option options[] = {
    {"--server", true,
     "URL  the meetings' server; $INCAMERA_SERVER or the link's otherwise. A pin may stand behind #c="},
    {"--port", true,
     "N  where the pages are, on this machine alone; 8180 otherwise, 0: any free one"},
    {"--json", false, "for programs"},
    {"--help", false, "this text"},
};

static int help(int status)
{
    puts(
        "incamera web [LINK] [options]\n\n"
        "Serves the pages of this very program on localhost, for a browser on this machine: what runs in it\n"
        "then comes from the installed package and not from the meetings' server.\n");
    icc_args_help(options, IC_ARRAY_LEN(options));
    return status;
}

static ic_err parse(const char *link, const char *server, struct ic_meeting_url *out)
{
    return server ? ic_meeting_server_parse(ic_view_cstr(server), out)
                  : ic_meeting_url_parse(ic_view_cstr(link), out);
}

static void tell(const struct icc_web *w, const char *link, bool json)
{
    const char *rest = link ? strstr(link, "/m/") : NULL;
    if (json)
        printf(
            "{\"event\":\"ready\",\"http\":\"http://localhost:%u\",\"url\":\"http://localhost:%u%s\","
            "\"pages\":\"%s\",\"signed\":\"%s\"}\n",
            w->port, w->port, rest ? rest : "/", w->bundle->hash, w->bundle->signed_by);
    else
        printf("Open in a browser on this machine:\n\n  http://localhost:%u%s\n\n"
               "The pages come from this program (sha256 %s, key: %s);\n"
               "meetings are at %s. Ctrl-C ends it.\n",
               w->port, rest ? rest : "/", w->bundle->hash, w->bundle->signed_by, w->server->host);
    fflush(stdout);
}

/* Into JSON and onto a terminal: nothing but what links are made of. */
static bool harmless(const char *link)
{
    for (; *link; link++)
        if (*link <= ' ' || *link > '~' || strchr("\"\\'<>`", *link))
            return false;
    return true;
}

int icc_command_web(int argc, char **argv)
{
    struct icc_args a;
    struct ic_meeting_url url;
    struct icc_web w = {.server = &url, .bundle = &ic_page_own};
    long port = PORT;
    if (!icc_args_parse(&a, options, IC_ARRAY_LEN(options), argc, argv) ||
        !icc_args_number(&a, "--port", 0, 65535, &port))
        return 2;
    if (icc_args_has(&a, "--help"))
        return help(0);
    const char *link = a.free_count == 1 ? a.free[0] : NULL;
    const char *server = icc_args_get(&a, "--server");
    if (!server && !link)
        server = getenv("INCAMERA_SERVER");
    if (a.free_count > 1 || (!link && !server))
        return help(2);
    if ((link && !harmless(link)) || parse(link, server, &url) != IC_OK) {
        fprintf(stderr, "incamera: %s is no address of a %s\n", server ? server : link,
                server ? "server" : "meeting");
        return 2;
    }
    if (ic_page_own.count == 0) {
        fprintf(stderr, "incamera: this program was built without the pages\n");
        return 1;
    }
    if (icc_web_listen(&w, (uint16_t)port) != IC_OK) {
        fprintf(stderr, "incamera: port %ld of this machine is taken; --port names another\n",
                port);
        return 1;
    }
    tell(&w, link, icc_args_has(&a, "--json"));
    icc_web_run(&w);
    return 0;
}
