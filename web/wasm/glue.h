/* The glue between the browser's worker and the C libraries: what all of its files share.
 *
 * core.wasm exports plain functions icw_*. Numbers go as int or double (exact below 2^53; times are Unix
 * milliseconds), bytes through two rooms in linear memory:
 *
 *     const at = icw_in(bytes.length);           // room for what goes in; its address
 *     heap.set(bytes, at);
 *     const n = icw_chat(bytes.length, Date.now());
 *     if (n < 0) throw icw_error_name(-n) ...;   // else the length of what lies in the room out
 *     heap.subarray(icw_out(), icw_out() + n)
 *
 * Every function gives 0 or a length, or a negative ic_err. There is one meeting at a time; everything runs
 * on the worker's thread. A feature has a file of its own, glue_<feature>.c, and a wrapper in
 * web/app/src/worker.
 */
#ifndef ICW_GLUE_H
#define ICW_GLUE_H

#include <ic/base/mem.h>
#include <ic/meeting/json.h>
#include <ic/meeting/meeting.h>

#define ICW_EXPORT __attribute__((visibility("default"), used))

enum { ICW_ROOM_MAX = 16 << 20 };

struct icw {
    struct ic_meeting *meeting;   /* NULL between meetings */
    struct ic_sign_key *identity; /* the device's key for the suite */
    uint16_t suite;
    struct ic_buf certificates; /* that certify it, or nothing */
    struct ic_buf staple;       /* that the first of them is logged, or nothing */
    struct ic_pki_store *external_roots, *internal_roots;
    struct ic_buf in, out;
};
extern struct icw icw;

/* What JavaScript put into the room in; borrowed until the next icw_in. */
struct ic_view icw_given(int len);
/* Parts of it that lie one behind the other: takes len bytes off the front. */
struct ic_view icw_take(struct ic_view *rest, int len);
/* The room out, emptied. */
struct ic_buf *icw_answer(void);
/* -e, or the length of the room out. */
int icw_done(ic_err e);
uint64_t icw_ms(double now_ms);
/* Randomness of the browser. */
struct ic_rand icw_rand(void);
/* Wipes both rooms: they held keys, or what people said. */
void icw_wipe(void);
/* The meeting, or NULL: then the answer is -IC_ERR_STATE. */
#define ICW_MEETING(m)                                                                             \
    struct ic_meeting *m = icw.meeting;                                                            \
    if (!m)                                                                                        \
    return -IC_ERR_STATE

#endif
