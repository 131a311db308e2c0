#include <ic/base/mem.h>
#include <ic/rtc/ice.h>
#include <ic/rtc/nack.h>
#include <string.h>

enum { REORDER_MS = 10, RETRY_MIN_MS = 20, HISTORY_MAX = 4096 };

void ic_rtc_nack_init(struct ic_rtc_nack *n)
{
    memset(n, 0, sizeof *n);
}

static void remove_at(struct ic_rtc_nack *n, size_t i)
{
    n->count--;
    memmove(&n->missing[i], &n->missing[i + 1], (n->count - i) * sizeof n->missing[0]);
}

bool ic_rtc_nack_received(struct ic_rtc_nack *n, uint64_t seq, uint64_t now_ms)
{
    if (!n->started) {
        n->started = true;
        n->highest = seq;
        return true;
    }
    if (seq <= n->highest) {
        for (size_t i = n->count; i > 0 && n->missing[i - 1].seq >= seq; i--)
            if (n->missing[i - 1].seq == seq)
                remove_at(n, i - 1);
        return true;
    }
    uint64_t gap = seq - n->highest - 1;
    if (gap > IC_RTC_NACK_MISSING_MAX - n->count) {
        n->gave_up += n->count + gap;
        n->count = 0;
        n->highest = seq;
        return false;
    }
    for (uint64_t s = n->highest + 1; s < seq; s++)
        n->missing[n->count++] = (struct ic_rtc_nack_entry){
            .seq = s, .since_ms = now_ms, .next_ms = now_ms + REORDER_MS};
    n->highest = seq;
    return true;
}

uint64_t ic_rtc_nack_deadline(const struct ic_rtc_nack *n)
{
    uint64_t at = IC_RTC_NEVER;
    for (size_t i = 0; i < n->count; i++)
        if (n->missing[i].next_ms < at)
            at = n->missing[i].next_ms;
    return at;
}

size_t ic_rtc_nack_take(struct ic_rtc_nack *n, uint64_t now_ms, uint16_t *seqs, size_t max,
                        size_t *lost)
{
    size_t count = 0;
    *lost = 0;
    for (size_t i = 0; i < n->count && count < max;) {
        struct ic_rtc_nack_entry *m = &n->missing[i];
        if (now_ms < m->next_ms) {
            i++;
        } else if (m->tries == IC_RTC_NACK_TRIES ||
                   now_ms - m->since_ms >= IC_RTC_NACK_GIVE_UP_MS) {
            remove_at(n, i);
            n->gave_up++;
            ++*lost;
        } else {
            seqs[count++] = (uint16_t)m->seq;
            m->tries++;
            m->next_ms =
                now_ms + (n->rtt_ms > RETRY_MIN_MS ? n->rtt_ms : RETRY_MIN_MS) + REORDER_MS;
            i++;
        }
    }
    return count;
}

struct kept {
    uint64_t index, given_ms;
    bool used;
    uint16_t len;
    uint8_t bytes[IC_RTC_PACKET_MAX];
};
struct ic_rtc_history {
    size_t mask;
    struct kept slots[];
};

ic_err ic_rtc_history_new(size_t slots, struct ic_rtc_history **out)
{
    size_t n = 1;
    while (n < slots && n < HISTORY_MAX)
        n *= 2;
    struct ic_rtc_history *h = ic_calloc(1, sizeof *h + n * sizeof h->slots[0]);
    if (!h)
        return IC_ERR_NOMEM;
    h->mask = n - 1;
    *out = h;
    return IC_OK;
}

void ic_rtc_history_free(struct ic_rtc_history *h)
{
    ic_free(h);
}

void ic_rtc_history_put(struct ic_rtc_history *h, uint64_t index, struct ic_view packet,
                        uint64_t now_ms)
{
    struct kept *k = &h->slots[index & h->mask];
    k->used = false;
    if (packet.len > sizeof k->bytes)
        return;
    k->used = true;
    k->index = index;
    k->given_ms = now_ms;
    k->len = (uint16_t)packet.len;
    memcpy(k->bytes, packet.p, packet.len);
}

bool ic_rtc_history_get(struct ic_rtc_history *h, uint16_t seq, uint64_t now_ms,
                        uint32_t min_gap_ms, struct ic_view *packet, uint64_t *index)
{
    struct kept *k = &h->slots[seq & h->mask];
    if (!k->used || (uint16_t)k->index != seq || now_ms < k->given_ms + min_gap_ms)
        return false;
    k->given_ms = now_ms;
    *packet = ic_view(k->bytes, k->len);
    *index = k->index;
    return true;
}
