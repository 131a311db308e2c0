/* A REST request of anybody's making, by an organisation that is known: first line the path with its query,
 * the rest the body of a POST; an empty body is a GET, one that begins with `!` a DELETE. */
#include "meetings/api.h"
#include "meetings/meetings.h"
#include "store/store.h"

#include <icd/core.h>
#include <icd/services.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct icd_store *store;
static struct icd_core *core;
static char token[ICD_TOKEN_LEN + 1];
static uint64_t state = 1;

static ic_err fill(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)((state = state * 6364136223846793005u + 1442695040888963407u) >> 56);
    return IC_OK;
}

static void send_nothing(void *ctx, const uint64_t *conns, size_t count, struct ic_view frame)
{
    (void)ctx;
    (void)conns;
    (void)count;
    (void)frame;
}

static void close_nothing(void *ctx, uint64_t conn)
{
    (void)ctx;
    (void)conn;
}

static void start(void)
{
    char why[ICD_STORE_WHY];
    int64_t org;
    struct icd_core_config c = {
        .rand = {fill, NULL}, .server_name = "fuzz", .send = send_nothing, .close = close_nothing};
    icd_limits_default(&c.limits);
    if (icd_store_open(":memory:", why, &store) != IC_OK)
        abort();
    c.store = store;
    if (icd_core_new(&c, 1790000000000, &core) != IC_OK)
        abort();
    icd_services_register(core);
    if (icd_orgs_create(core, IC_VIEW_STR("org"), token, &org) != IC_OK)
        abort();
    icd_core_flush(core);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!core)
        start();
    const uint8_t *nl = size ? memchr(data, '\n', size) : NULL;
    size_t n = nl ? (size_t)(nl - data) : size;
    struct ic_view line = ic_view(data, n);
    const uint8_t *mark = n ? memchr(data, '?', n) : NULL;
    size_t path = mark ? (size_t)(mark - data) : n;
    struct icd_api_request r = {.token = ic_view_cstr(token), .path = ic_view_sub(line, 0, path)};
    if (mark)
        r.query = ic_view_sub(line, path + 1, n - path - 1);
    if (nl)
        r.body = ic_view(nl + 1, size - n - 1);
    bool remove = r.body.len && r.body.p[0] == '!';
    r.method = ic_view_cstr(r.body.len == 0 ? "GET" : remove ? "DELETE" : "POST");
    int status = 0;
    IC_BUF_SCOPE(body, 1 << 20);
    icd_api_call(core, &r, &status, &body);
    if (status < 200 || status > 599)
        abort();
    return 0;
}
