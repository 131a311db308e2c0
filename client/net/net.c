#include "internal.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

static const struct lws_protocols protocols[] = {
    {.name = "http", .callback = icc_net_http_callback, .rx_buffer_size = 16384},
    {.name = IC_WIRE_PROTOCOL, .callback = icc_net_ws_callback, .rx_buffer_size = 65536},
    {0},
};

/* A silent connection is asked after 10 s and given up after 25. */
static const lws_retry_bo_t idle = {.secs_since_valid_ping = 10, .secs_since_valid_hangup = 25};

static void no_log(int level, const char *line)
{
    (void)level;
    (void)line;
}

ic_err icc_net_new(uv_loop_t *loop, const struct ic_meeting_url *url, struct icc_net **out)
{
    struct icc_net *net = ic_new(struct icc_net);
    if (!net)
        return IC_ERR_NOMEM;
    net->url = *url;
    net->loop = loop;
    lws_set_log_level(0, no_log);
    void *loops[1] = {loop};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_LIBUV,
        .foreign_loops = loops,
        .user = net,
        .gid = (gid_t)-1,
        .uid = (uid_t)-1,
        .retry_and_idle_policy = &idle,
        .timeout_secs = 15,
        .fd_limit_per_thread = 64,
    };
    if (url->tls) {
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
        if (url->has_cert_pin) /* the pinned key and nobody else: net/trust.c */
            info.options |= LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
    }
    net->lws = lws_create_context(&info);
    if (!net->lws) {
        ic_free(net);
        return IC_ERR_IO;
    }
    *out = net;
    return IC_OK;
}

void icc_net_free(struct icc_net *net)
{
    if (!net)
        return;
    net->freeing = true;
    lws_context_destroy(net->lws);
    /* On a foreign loop the library's handles close in the loop, and the second call frees the rest. */
    for (int i = 0; i < 20 && uv_run(net->loop, UV_RUN_NOWAIT); i++)
        ;
    lws_context_destroy(net->lws);
    icc_net_drop_queue(net);
    ic_buf_clear(&net->in);
    ic_free(net);
}

/* What both kinds of connection have in common. */
void icc_net_say_why(const struct icc_net *net, const char *words, size_t len, char *out, size_t n)
{
    /* Of a port where nobody listens it says nothing better than this. */
    static const char nothing[] = "closed before established";
    bool more = words && len && strncmp(words, nothing, len) != 0;
    if (net->why[0])
        snprintf(out, n, "%s", net->why);
    else
        snprintf(out, n, "%s cannot be reached%s%.*s", net->url.host, more ? ": " : "",
                 more ? (int)len : 0, more ? words : "");
}

struct lws_client_connect_info icc_net_target(struct icc_net *net, const char *path)
{
    snprintf(net->host_header, sizeof net->host_header,
             strchr(net->url.host, ':') ? "[%s]:%u" : "%s:%u", net->url.host, net->url.port);
    return (struct lws_client_connect_info){
        .context = net->lws,
        .address = net->url.host,
        .port = net->url.port,
        .path = path,
        .host = net->host_header,
        .origin = NULL,
        .ssl_connection = (net->url.tls ? LCCSCF_USE_SSL : 0) | LCCSCF_HTTP_NO_FOLLOW_REDIRECT,
    };
}
