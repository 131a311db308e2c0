/* Bodies of kind 22, and what is shown of a log's misdeed. */
#include "logs.h"

#include <ic/base/json.h>

enum { HEADS_VERSION = 1 };

ic_err ic_together_heads_decode(struct ic_view bytes, struct ic_together_heads *out)
{
    struct ic_reader r = ic_reader(bytes);
    if (ic_read_u8(&r) != HEADS_VERSION)
        ic_reader_fail(&r, IC_ERR_UNSUPPORTED);
    struct ic_reader list = ic_read_sub(&r, IC_TOGETHER_LOGS_BODY);
    IC_TRY(ic_reader_end(&r));
    struct ic_together_heads h = {0};
    while (ic_reader_more(&list)) {
        struct ic_view one = ic_read_vec(&list, IC_MERKLE_HEAD_MAX);
        IC_TRY(list.err);
        if (h.count == IC_TOGETHER_LOGS_HEADS)
            return IC_ERR_LIMIT;
        IC_TRY(ic_merkle_head_decode(one, &h.head[h.count++]));
    }
    if (h.count == 0)
        return IC_ERR_MALFORMED;
    *out = h;
    return IC_OK;
}

ic_err ic_together_heads_encode(const struct ic_together_heads *h, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    ic_write_u8(&w, HEADS_VERSION);
    size_t mark = ic_write_open(&w);
    for (size_t i = 0; i < h->count; i++) {
        IC_BUF_SCOPE(one, IC_MERKLE_HEAD_MAX);
        ic_err e = ic_merkle_head_encode(&h->head[i], &one);
        if (e != IC_OK)
            ic_writer_fail(&w, e);
        ic_write_vec(&w, ic_buf_view(&one));
    }
    ic_write_close(&w, mark);
    return ic_writer_end(&w);
}

/* The encoded head: what anybody can check with the log's key. */
static void write_head(struct ic_json *j, const struct ic_merkle_head *head)
{
    IC_BUF_SCOPE(b, IC_MERKLE_HEAD_MAX);
    if (ic_merkle_head_encode(head, &b) == IC_OK)
        ic_json_base64(j, NULL, ic_buf_view(&b));
}

ic_err ic_together_logs_json(const struct ic_together_logs_event *e, uint64_t time_ms,
                             struct ic_buf *out)
{
    struct ic_json j = ic_json(out);
    ic_json_object(&j, NULL);
    ic_json_cstr(&j, "event", "alert");
    ic_json_uint(&j, "time_ms", time_ms);
    ic_json_cstr(&j, "rule", e->rule);
    ic_json_cstr(&j, "text", e->text);
    ic_json_hex(&j, "log", ic_merkle_hash_view(&e->log));
    if (e->fork[0].signature_len) {
        ic_json_array(&j, "heads");
        write_head(&j, &e->fork[0]);
        write_head(&j, &e->fork[1]);
        ic_json_array_end(&j);
    }
    ic_json_object_end(&j);
    return ic_json_end(&j);
}
