/* Logs in a meeting: what members tell each other of heads, and what is to be asked of the log. */
#include "glue_log.h"

#include <string.h>

static struct ic_together_logs *logs;

ic_err icw_logs_open(void)
{
    IC_TRY(ic_together_logs_new(&logs));
    return icw_log_knowledge(logs);
}

void icw_logs_close(void)
{
    ic_together_logs_free(logs);
    logs = NULL;
}

struct ic_together_logs *icw_logs(void)
{
    return logs;
}

bool icw_logs_take(const struct ic_meeting_event *e, uint64_t now_ms)
{
    return logs && ic_together_logs_meeting(logs, icw.meeting, e, now_ms);
}

void icw_logs_run(uint64_t now_ms)
{
    if (logs && icw.meeting && ic_together_logs_run(logs, icw.meeting, now_ms))
        ic_meeting_identity_changed(icw.meeting, now_ms);
}

uint64_t icw_logs_deadline_ms(void)
{
    return logs ? ic_together_logs_deadline_ms(logs) : UINT64_MAX;
}

/* To the worker alone: fetch a proof, keep what is known. */
static ic_err ask_json(const struct ic_together_logs_event *e, struct ic_buf *out)
{
    struct ic_json j = ic_json(out);
    ic_json_object(&j, NULL);
    ic_json_cstr(&j, "event", e->type == IC_TOGETHER_LOGS_ASK ? "log_ask" : "log_keep");
    if (e->type == IC_TOGETHER_LOGS_ASK) {
        ic_json_hex(&j, "log", ic_merkle_hash_view(&e->ask.log));
        ic_json_int(&j, "first", (int64_t)e->ask.first);
        ic_json_int(&j, "second", (int64_t)e->ask.second);
    }
    ic_json_object_end(&j);
    return ic_json_end(&j);
}

bool icw_logs_next(uint64_t now_ms, int *answer)
{
    struct ic_together_logs_event e;
    if (!logs || !ic_together_logs_next(logs, &e))
        return false;
    *answer =
        icw_done(e.type == IC_TOGETHER_LOGS_ALERT ? ic_together_logs_json(&e, now_ms, icw_answer())
                                                  : ask_json(&e, icw_answer()));
    return true;
}

/* The answer to log_ask: the log's id and the path, one behind the other. */
ICW_EXPORT int icw_logs_prove(int len, double first, double second, double now_ms)
{
    struct ic_view rest = icw_given(len), id = icw_take(&rest, IC_MERKLE_HASH_LEN);
    struct ic_merkle_ask ask = {.first = icw_ms(first), .second = icw_ms(second)};
    if (!logs || id.len != IC_MERKLE_HASH_LEN)
        return -IC_ERR_STATE;
    memcpy(ask.log.bytes, id.p, id.len);
    ic_together_logs_prove(logs, &ask, rest, icw_ms(now_ms));
    return 0;
}

/* What outlives the meeting, to the room out. */
ICW_EXPORT int icw_logs_save(void)
{
    if (!logs)
        return -IC_ERR_STATE;
    return icw_done(ic_together_logs_save(logs, icw_answer()));
}
