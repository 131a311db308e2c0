/* Frames of anybody's making, in any order, over several connections, against the whole core: each record
 * of the input is a byte (connection; the top bits: connect, hang up, tick, frame), two bytes of length,
 * and a frame. Nobody here can sign, so what is reached is what strangers reach. */
#include "meetings/meetings.h"
#include "store/store.h"

#include <ic/base/reader.h>
#include <ic/rules/rules.h>
#include <icd/core.h>
#include <icd/services.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CONNS = 8 };

static struct icd_store *store;
static uint64_t state;

static ic_err fill(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)((state = state * 6364136223846793005u + 1442695040888963407u) >> 56);
    return IC_OK;
}

static void check_sent(void *ctx, const uint64_t *conns, size_t count, struct ic_view frame)
{
    struct ic_wire_frame f;
    (void)ctx;
    (void)conns;
    if (count == 0 || ic_wire_decode(frame, &f) != IC_OK)
        abort();
}

static void closed(void *ctx, uint64_t conn)
{
    ((bool *)ctx)[conn] = false;
}

/* One meeting that anybody may look at: its id is 16 zero bytes, its number 1234567890. */
static ic_err make_meeting(struct ic_buf *terms)
{
    static const uint8_t id[16];
    struct ic_rand rand = {fill, NULL};
    struct ic_sign_key *key;
    IC_BUF_SCOPE(hosts, 1000);
    IC_TRY(ic_sign_key_generate(IC_ECDSA_P256_SHA256, &rand, &key));
    ic_err e = ic_wire_list_add(&hosts, ic_sign_key_public(key));
    struct ic_wire_terms t = {.version = 1,
                              .meeting_id = IC_VIEW_ARRAY(id),
                              .kind = IC_WIRE_INSTANT,
                              .suite = 2,
                              .sframe_suite = 4,
                              .admission = IC_WIRE_HOST_ADMITS,
                              .hosts = ic_buf_view(&hosts),
                              .seq = 1,
                              .meeting_key = ic_sign_key_public(key)};
    if (e == IC_OK)
        e = ic_rules_terms_sign(&t, NULL, key, terms);
    ic_sign_key_free(key);
    IC_TRY(e);
    return icd_store_exec(
        store,
        "INSERT INTO meetings(id, org, kind, state, title, number, terms, start_s,"
        " end_s, created_ms, changed_ms) VALUES($1, 1, 1, 0, '', '1234567890', $2,"
        " 0, 0, 0, 1790000000000)",
        NULL, ICD_PARAMS(ICD_BLOB(IC_VIEW_ARRAY(id)), ICD_BLOB(ic_buf_view(terms))));
}

static void start(void)
{
    char why[ICD_STORE_WHY];
    IC_BUF_SCOPE(terms, 1 << 16);
    if (icd_store_open(":memory:", why, &store) != IC_OK || make_meeting(&terms) != IC_OK)
        abort();
}

static void one_record(struct icd_core *core, bool *open, uint8_t what, struct ic_view frame,
                       uint64_t *now_ms)
{
    static const uint8_t address[4] = {127, 0, 0, 1};
    uint64_t conn = 1 + what % CONNS;
    switch (what >> 6) {
    case 0:
        if (!open[conn])
            open[conn] = icd_core_open(core, conn, ic_view(address, 4), *now_ms) == IC_OK;
        break;
    case 1:
        icd_core_close(core, conn, *now_ms);
        open[conn] = false;
        break;
    case 2:
        *now_ms += frame.len * 100;
        icd_core_tick(core, *now_ms);
        break;
    default:
        icd_core_frame(core, conn, frame, *now_ms);
    }
    icd_core_flush(core);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool open[CONNS + 1] = {false};
    struct icd_core *core;
    struct icd_core_config c = {.rand = {fill, NULL},
                                .server_name = "fuzz",
                                .send = check_sent,
                                .close = closed,
                                .ctx = open};
    if (!store)
        start();
    state = 1;
    icd_limits_default(&c.limits);
    c.store = store;
    uint64_t now_ms = 1790000000000;
    if (icd_core_new(&c, now_ms, &core) != IC_OK)
        return 0;
    icd_services_register(core);
    struct ic_reader r = ic_reader(ic_view(data, size));
    while (ic_reader_more(&r)) {
        uint8_t what = ic_read_u8(&r);
        struct ic_view frame = ic_read_bytes(&r, ic_read_u16(&r));
        if (r.err == IC_OK)
            one_record(core, open, what, frame, &now_ms);
    }
    icd_core_free(core);
    return 0;
}
