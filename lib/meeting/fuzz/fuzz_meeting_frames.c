/* A hostile server: the input is a sequence of frames (u16 length each) that it sends to a client, with
 * time passing in between. The client may end the meeting; it may not crash or lose memory. Requests
 * are answered with the number of the client's last request where the frame carries 0xffffffff. */
#include <ic/base/reader.h>
#include <ic/meeting/link.h>
#include <ic/meeting/meeting.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t state;
static ic_err fill(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    for (size_t i = 0; i < n; i++) {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        out[i] = (uint8_t)(state >> 56);
    }
    return IC_OK;
}

static struct ic_sign_key *key;
static struct ic_meeting_made made;

static void set_up(const struct ic_rand *rand)
{
    if (key)
        return;
    if (ic_sign_key_generate(IC_ED25519, rand, &key) != IC_OK)
        abort();
    struct ic_view host = ic_sign_key_public(key);
    struct ic_meeting_plan p = {
        .kind = 1, .suite = 1, .sframe_suite = 4, .admission = 3, .hosts = &host, .host_count = 1};
    if (ic_meeting_make(&p, rand, &made) != IC_OK)
        abort();
}

static uint32_t drain(struct ic_meeting *m, uint32_t last)
{
    IC_BUF_SCOPE(frame, IC_WIRE_MAX);
    struct ic_meeting_event e;
    while (ic_meeting_next_frame(m, &frame))
        last = ic_load_u32(frame.p + 2);
    while (ic_meeting_next_event(m, &e))
        ic_meeting_event_clear(&e);
    return last;
}

/* The honest beginning, so that the input reaches what lies behind it. */
static uint32_t enter(struct ic_meeting *m, uint64_t now, uint32_t last, struct ic_view group)
{
    static const uint8_t nonce[32];
    struct ic_wire_frame f[2] = {
        {.type = IC_WIRE_HELLO_OK,
         .hello_ok = {.server = IC_VIEW_STR("s"), .now_ms = now, .nonce = IC_VIEW_ARRAY(nonce)}},
        {.type = IC_WIRE_ENTERED,
         .entered = {.meeting_id = IC_VIEW_ARRAY(made.id),
                     .kind = 1,
                     .number = IC_VIEW_STR(""),
                     .terms = ic_buf_view(&made.terms),
                     .role = group.len ? 1 : 2,
                     .state = 1,
                     .group_id = group,
                     .external_sender = ic_sign_key_public(key)}}};
    for (size_t i = 0; i < 2; i++) {
        IC_BUF_SCOPE(b, IC_WIRE_MAX);
        f[i].request = last;
        if (ic_wire_encode(&f[i], &b) != IC_OK)
            abort();
        ic_meeting_receive(m, ic_buf_view(&b), now);
        last = drain(m, last);
    }
    return last;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_rand rand = {fill, NULL};
    uint64_t now = 1795000000000ull;
    struct ic_meeting *m;
    state = 7;
    set_up(&rand);
    struct ic_reader r = ic_reader(ic_view(data, size));
    uint8_t how = ic_read_u8(&r);
    struct ic_meeting_config c = {.link = made.link,
                                  .identity = key,
                                  .suite = 1,
                                  .name = "Ada",
                                  .rand = rand,
                                  .may_create = true};
    if (ic_meeting_new(&c, now, &m) != IC_OK)
        abort();
    ic_meeting_connected(m, now);
    uint32_t last = drain(m, 1);
    if (how & 1)
        last = enter(m, now, last, how & 2 ? IC_VIEW_STR("group") : ic_view(NULL, 0));
    for (int i = 0; i < 64 && ic_reader_more(&r); i++) {
        uint8_t frame[4096];
        uint16_t step = ic_read_u16(&r);
        struct ic_view v = ic_read_vec(&r, sizeof frame);
        if (v.len >= 6)
            memcpy(frame, v.p, v.len);
        if (v.len >= 6 && ic_load_u32(frame + 2) == UINT32_MAX)
            ic_store_u32(frame + 2, last);
        now += step;
        ic_meeting_receive(m, ic_view(frame, v.len >= 6 ? v.len : 0), now);
        last = drain(m, last);
        ic_meeting_tick(m, now);
        last = drain(m, last);
    }
    ic_meeting_free(m);
    return 0;
}
