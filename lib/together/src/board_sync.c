/* Who comes late asks the members; one of them answers in pieces, the lowest leaf first. Ops that arrive
 * meanwhile are kept and applied to what comes, in their order. */
#include "board.h"

#include <ic/base/mem.h>
#include <ic/crypto/hash.h>
#include <string.h>

enum {
    TURN_MS = 1500,   /* the next leaf answers when the one before has not */
    PACE_MS = 60,     /* between pieces: a connection's frames are bounded */
    ANSWER_MS = 6000, /* nothing came: ask again */
    STALL_MS = 4000,
};

static void transfer_clear(struct board_transfer *t)
{
    ic_buf_clear(&t->bytes);
    *t = (struct board_transfer){.bytes = {.max = BOARD_SNAPSHOT_MAX}, .at_ms = BOARD_NEVER};
}

static void kept_clear(struct ic_together_board *b)
{
    while (b->kept) {
        struct board_kept *k = b->kept;
        b->kept = k->next;
        ic_free(k);
    }
    b->kept_end = &b->kept;
    b->kept_bytes = 0;
}

void ic_together_board_sync_clear(struct ic_together_board *b)
{
    transfer_clear(&b->in);
    transfer_clear(&b->out);
    kept_clear(b);
}

/* ---- asking ---- */

static void tell_sync(struct ic_together_board *b)
{
    ic_together_board_event(b, IC_TOGETHER_BOARD_SYNC);
}

static void settle(struct ic_together_board *b)
{
    b->synced = true;
    b->ask_at_ms = BOARD_NEVER;
    transfer_clear(&b->in);
    kept_clear(b);
    tell_sync(b);
}

static void ask(struct ic_together_board *b, uint64_t now_ms)
{
    IC_BUF_SCOPE(body, 16);
    struct ic_writer w = ic_writer(&body);
    ic_write_u8(&w, BOARD_VERSION);
    ic_write_u32(&w, b->nonce);
    ic_write_u64(&w, b->bad_author); /* whose answer was none */
    if (ic_writer_end(&w) == IC_OK)
        IC_IGNORE(ic_together_board_say(b, IC_TOGETHER_BOARD_ASK, true, ic_buf_view(&body)));
    b->tries++;
    b->ask_at_ms = now_ms + ANSWER_MS;
}

/* What answers it was taken after we asked: nothing is missing between that and what we hear ourselves. */
static void new_nonce(struct ic_together_board *b)
{
    b->nonce++;
    IC_IGNORE(ic_rand_fill(&b->rand, (uint8_t *)&b->nonce, sizeof b->nonce));
}

void ic_together_board_enter(struct ic_together_board *b, bool others_here, uint64_t now_ms)
{
    transfer_clear(&b->in);
    kept_clear(b);
    b->entered = true;
    b->tries = 0;
    b->bad_author = 0;
    b->synced = false;
    new_nonce(b);
    if (others_here)
        ask(b, now_ms);
    else
        settle(b);
}

void ic_together_board_keep(struct ic_together_board *b, uint64_t author, struct ic_view body,
                            uint64_t seq)
{
    struct board_kept *k = NULL;
    if (b->kept_bytes + body.len <= BOARD_KEPT_MAX)
        k = ic_calloc(1, sizeof *k + body.len);
    if (!k) { /* too much: a later board has it */
        kept_clear(b);
        transfer_clear(&b->in);
        return;
    }
    uint8_t *p = (uint8_t *)(k + 1);
    memcpy(p, body.p, body.len);
    *k = (struct board_kept){.seq = seq, .author = author, .body = ic_view(p, body.len)};
    *b->kept_end = k;
    b->kept_end = &k->next;
    b->kept_bytes += body.len;
}

static void refuse(struct ic_together_board *b, uint64_t author, const char *rule)
{
    struct ic_together_board_event *ev = ic_together_board_event(b, IC_TOGETHER_BOARD_REFUSED);
    ev->author = author;
    ev->rule = rule;
}

/* All pieces are here. */
static void take_board(struct ic_together_board *b, uint64_t now_ms)
{
    uint8_t digest[32];
    uint64_t author = b->in.author;
    ic_hash_once(IC_SHA256, ic_buf_view(&b->in.bytes), digest);
    if (memcmp(digest, b->in.digest, 32) != 0 ||
        ic_together_board_snapshot_read(ic_buf_view(&b->in.bytes), &b->table) != IC_OK) {
        b->bad_author = author;
        new_nonce(b);
        transfer_clear(&b->in);
        refuse(b, author, "board-pieces");
        b->ask_at_ms = now_ms;
        return;
    }
    b->seq = b->in.seq;
    for (struct board_kept *k = b->kept; k; k = k->next)
        ic_together_board_apply(b, k->author, k->body, k->seq, true);
    settle(b);
    ic_together_board_event(b, IC_TOGETHER_BOARD_WHOLE)->author = author;
}

struct piece {
    uint32_t nonce;
    uint64_t seq;
    uint16_t count, index;
    struct ic_view digest, bytes;
};

static ic_err piece_read(struct ic_view body, struct piece *out)
{
    struct ic_reader r = ic_reader(body);
    struct piece p;
    uint8_t version = ic_read_u8(&r);
    p.nonce = ic_read_u32(&r);
    p.seq = ic_read_u64(&r);
    p.count = ic_read_u16(&r);
    p.index = ic_read_u16(&r);
    p.digest = ic_read_bytes(&r, 32);
    p.bytes = ic_read_vec(&r, BOARD_PIECE);
    IC_TRY(ic_reader_end(&r));
    if (version != BOARD_VERSION)
        return IC_ERR_UNSUPPORTED;
    if (p.count < 1 || p.count > BOARD_PIECES_MAX || p.index >= p.count)
        return IC_ERR_RANGE;
    *out = p;
    return IC_OK;
}

/* Somebody answered: nobody else needs to. */
static void forget_ask(struct ic_together_board *b, uint32_t nonce)
{
    for (size_t i = 0; i < b->ask_count; i++)
        if (b->asks[i].nonce == nonce)
            b->asks[i--] = b->asks[--b->ask_count];
}

static bool begins(struct ic_together_board *b, const struct ic_together_board_from *from,
                   const struct piece *p, uint64_t now_ms)
{
    bool stalled = b->in.on && now_ms - b->in.at_ms > STALL_MS;
    if (p->index != 0 || p->nonce != b->nonce || from->author == b->bad_author ||
        (b->in.on && !stalled))
        return false;
    transfer_clear(&b->in);
    b->in.on = true;
    b->in.author = from->author;
    b->in.nonce = p->nonce;
    b->in.seq = p->seq;
    b->in.count = p->count;
    memcpy(b->in.digest, p->digest.p, 32);
    return true;
}

static bool goes_on(const struct ic_together_board *b, const struct ic_together_board_from *from,
                    const struct piece *p)
{
    return b->in.on && b->in.author == from->author && b->in.nonce == p->nonce &&
           b->in.seq == p->seq && b->in.count == p->count && b->in.next == p->index &&
           memcmp(b->in.digest, p->digest.p, 32) == 0;
}

void ic_together_board_hear_piece(struct ic_together_board *b,
                                  const struct ic_together_board_from *from, struct ic_view body,
                                  uint64_t now_ms)
{
    struct piece p;
    ic_err e = piece_read(body, &p);
    if (e != IC_OK) {
        refuse(b, from->author, e == IC_ERR_UNSUPPORTED ? "board-version" : "board-pieces");
        return;
    }
    forget_ask(b, p.nonce);
    if (b->synced || !b->entered)
        return;
    b->ask_at_ms = now_ms + ANSWER_MS; /* somebody is answering, perhaps another first */
    if (!goes_on(b, from, &p) && !begins(b, from, &p, now_ms))
        return;
    if (ic_buf_append(&b->in.bytes, p.bytes) != IC_OK) {
        transfer_clear(&b->in);
        return;
    }
    b->in.at_ms = now_ms;
    if (++b->in.next == b->in.count)
        take_board(b, now_ms);
}

/* ---- answering ---- */

void ic_together_board_hear_ask(struct ic_together_board *b,
                                const struct ic_together_board_from *from, struct ic_view body,
                                uint64_t now_ms)
{
    struct ic_reader r = ic_reader(body);
    uint8_t version = ic_read_u8(&r);
    uint32_t nonce = ic_read_u32(&r);
    uint64_t not_by = ic_read_u64(&r);
    if (ic_reader_end(&r) != IC_OK || version != BOARD_VERSION) {
        refuse(b, from->author, version == BOARD_VERSION ? "board-ask" : "board-version");
        return;
    }
    for (size_t i = 0; i < b->ask_count; i++)
        if (b->asks[i].nonce == nonce)
            return; /* asked again: its turn stands */
    if (!b->synced || not_by == b->self || b->ask_count == BOARD_ASKS_MAX)
        return;
    b->asks[b->ask_count++] =
        (struct board_ask){nonce, now_ms + (uint64_t)TURN_MS * from->before_us};
}

static void start_answer(struct ic_together_board *b, uint32_t nonce, uint64_t now_ms)
{
    transfer_clear(&b->out);
    if (ic_together_board_snapshot_write(&b->table, &b->out.bytes) != IC_OK)
        return;
    b->out.on = true;
    b->out.nonce = nonce;
    b->out.seq = b->seq;
    b->out.count = (uint16_t)((b->out.bytes.len + BOARD_PIECE - 1) / BOARD_PIECE);
    b->out.at_ms = now_ms;
    ic_hash_once(IC_SHA256, ic_buf_view(&b->out.bytes), b->out.digest);
}

static void send_piece(struct ic_together_board *b, uint64_t now_ms)
{
    IC_BUF_SCOPE(body, BOARD_PIECE + 128);
    struct board_transfer *t = &b->out;
    size_t from = (size_t)t->next * BOARD_PIECE, left = t->bytes.len - from;
    struct ic_writer w = ic_writer(&body);
    ic_write_u8(&w, BOARD_VERSION);
    ic_write_u32(&w, t->nonce);
    ic_write_u64(&w, t->seq);
    ic_write_u16(&w, t->count);
    ic_write_u16(&w, t->next);
    ic_write_bytes(&w, ic_view(t->digest, 32));
    ic_write_vec(&w, ic_view(t->bytes.p + from, left < BOARD_PIECE ? left : BOARD_PIECE));
    ic_err e = ic_writer_end(&w);
    if (e == IC_OK)
        e = ic_together_board_say(b, IC_TOGETHER_BOARD_PIECE, true, ic_buf_view(&body));
    t->at_ms = now_ms + PACE_MS;
    if (e != IC_OK || ++t->next == t->count)
        transfer_clear(t);
}

static void answer_due(struct ic_together_board *b, uint64_t now_ms)
{
    for (size_t i = 0; !b->out.on && i < b->ask_count; i++) {
        if (b->asks[i].at_ms > now_ms)
            continue;
        uint32_t nonce = b->asks[i].nonce;
        b->asks[i] = b->asks[--b->ask_count];
        start_answer(b, nonce, now_ms);
    }
}

/* ---- time ---- */

void ic_together_board_tick(struct ic_together_board *b, uint64_t now_ms)
{
    if (!b->synced && b->ask_at_ms <= now_ms) {
        if (b->tries < BOARD_TRIES)
            ask(b, now_ms);
        else
            settle(b); /* nobody has one: what came since we entered is the board */
    }
    answer_due(b, now_ms);
    if (b->out.on && b->out.at_ms <= now_ms)
        send_piece(b, now_ms);
}

uint64_t ic_together_board_deadline_ms(const struct ic_together_board *b)
{
    uint64_t at = b->synced ? BOARD_NEVER : b->ask_at_ms;
    if (b->out.on)
        return b->out.at_ms < at ? b->out.at_ms : at;
    for (size_t i = 0; i < b->ask_count; i++)
        at = b->asks[i].at_ms < at ? b->asks[i].at_ms : at;
    return at;
}
