/* Logs of internal authorities (docs/protocol/log.md): whose heads we know, whether what they show us holds together,
 * and what stands in them in our own name. */
#include "glue_log.h"

#include <ic/merkle/heads.h>
#include <ic/merkle/staple.h>
#include <string.h>

enum { ROOTS_MAX = 16 };

struct known {
    struct ic_merkle_log log;
    uint8_t key[IC_SIG_PUBLIC_MAX];
};

static struct {
    struct known known[IC_MERKLE_LOGS_MAX];
    size_t count;
    struct ic_merkle_hash roots[ROOTS_MAX]; /* authorities that must log: fingerprints */
    size_t root_count;
    struct ic_merkle_heads *heads;
} logs;

/* The whole log read anew, entry by entry. */
static struct {
    struct ic_merkle_edge edge;
    struct ic_merkle_hash ours[2]; /* labels: the address, and im: before it */
    bool on;
} audit;

/* ---- whose word counts ---- */

ICW_EXPORT int icw_logs_clear(void)
{
    if (icw.meeting)
        return -IC_ERR_STATE;
    ic_merkle_heads_free(logs.heads);
    memset(&logs, 0, sizeof logs);
    return -(int)ic_merkle_heads_new(&logs.heads);
}

/* The public key lies in the room in; sig: enum ic_sig_id. */
ICW_EXPORT int icw_log_add(int sig, int len)
{
    struct ic_view key = icw_given(len);
    if (logs.count == IC_MERKLE_LOGS_MAX || key.len == 0 || key.len > IC_SIG_PUBLIC_MAX)
        return -IC_ERR_LIMIT;
    struct known *k = &logs.known[logs.count++];
    memcpy(k->key, key.p, key.len);
    k->log = (struct ic_merkle_log){(enum ic_sig_id)sig, ic_view(k->key, key.len)};
    return 0;
}

/* An authority whose certificates must stand in one of them: its fingerprint lies in the room in. */
ICW_EXPORT int icw_log_root(int len)
{
    struct ic_view v = icw_given(len);
    if (logs.root_count == ROOTS_MAX || v.len != IC_MERKLE_HASH_LEN)
        return -IC_ERR_LIMIT;
    memcpy(logs.roots[logs.root_count++].bytes, v.p, v.len);
    return 0;
}

static const struct ic_merkle_log *all(struct ic_merkle_log *room)
{
    for (size_t i = 0; i < logs.count; i++)
        room[i] = logs.known[i].log;
    return room;
}

/* ---- heads: what is known outlives the page ---- */

ICW_EXPORT int icw_heads_load(int len)
{
    if (!logs.heads)
        return -IC_ERR_STATE;
    return -(int)ic_merkle_heads_decode(logs.heads, icw_given(len));
}

ICW_EXPORT int icw_heads_save(void)
{
    return icw_done(ic_merkle_heads_encode(logs.heads, icw_answer()));
}

ic_err icw_log_knowledge(struct ic_together_logs *l)
{
    IC_BUF_SCOPE(heads, IC_MERKLE_HEADS_MAX);
    for (size_t i = 0; i < logs.root_count; i++)
        for (size_t j = 0; j < logs.count; j++)
            IC_TRY(ic_together_logs_add(l, logs.roots[i].bytes, &logs.known[j].log));
    if (!logs.heads)
        return IC_OK;
    IC_TRY(ic_merkle_heads_encode(logs.heads, &heads));
    return ic_together_logs_load(l, ic_buf_view(&heads));
}

/* A head that came: enum ic_merkle_verdict. */
ICW_EXPORT int icw_head_see(int len, double now_ms)
{
    struct ic_merkle_log room[IC_MERKLE_LOGS_MAX];
    struct ic_merkle_head head;
    enum ic_merkle_verdict verdict = IC_MERKLE_SAME;
    ic_err e = ic_merkle_head_decode(icw_given(len), &head);
    if (e == IC_OK)
        e = ic_merkle_head_check_any(all(room), logs.count, &head, NULL);
    if (e == IC_OK)
        e = ic_merkle_heads_see(logs.heads, &head, icw_ms(now_ms), &verdict);
    return e == IC_OK ? (int)verdict : -(int)e;
}

/* Which proof of consistency to fetch, to the room out as JSON; 0: none now. */
ICW_EXPORT int icw_heads_ask(double now_ms)
{
    struct ic_merkle_ask ask;
    if (!logs.heads || !ic_merkle_heads_next(logs.heads, icw_ms(now_ms), &ask))
        return 0;
    struct ic_json j = ic_json(icw_answer());
    ic_json_object(&j, NULL);
    ic_json_hex(&j, "log", ic_merkle_hash_view(&ask.log));
    ic_json_int(&j, "first", (int64_t)ask.first);
    ic_json_int(&j, "second", (int64_t)ask.second);
    ic_json_object_end(&j);
    return icw_done(ic_json_end(&j));
}

/* The answer: the log's id and the path, one behind the other. */
ICW_EXPORT int icw_heads_prove(int len, double first, double second)
{
    struct ic_view rest = icw_given(len), id = icw_take(&rest, IC_MERKLE_HASH_LEN);
    struct ic_merkle_ask ask = {.first = icw_ms(first), .second = icw_ms(second)};
    struct ic_merkle_path path;
    enum ic_merkle_verdict verdict;
    if (id.len != IC_MERKLE_HASH_LEN)
        return -IC_ERR_ARG;
    memcpy(ask.log.bytes, id.p, id.len);
    ic_err e = ic_merkle_path_decode(rest, &path);
    if (e == IC_OK)
        e = ic_merkle_heads_prove(logs.heads, &ask, &path, &verdict);
    return -(int)e;
}

/* The worst of all logs: enum ic_merkle_trouble. */
ICW_EXPORT int icw_log_trouble(double now_ms)
{
    int worst = IC_MERKLE_SOUND;
    for (size_t i = 0; i < logs.count; i++) {
        struct ic_merkle_hash id;
        ic_merkle_log_id(&logs.known[i].log, &id);
        int t = (int)ic_merkle_heads_trouble(logs.heads, &id, icw_ms(now_ms));
        worst = t > worst ? t : worst;
    }
    return worst;
}

/* ---- proofs that a certificate is logged ---- */

static ic_err check(const struct ic_pki_cert *cert, const struct ic_pki_cert *issuer,
                    struct ic_view bytes, uint64_t now_ms)
{
    struct ic_merkle_log room[IC_MERKLE_LOGS_MAX];
    struct ic_merkle_staple staple;
    enum ic_merkle_verdict verdict;
    IC_TRY(ic_merkle_staple_decode(bytes, &staple));
    IC_TRY(ic_merkle_staple_check(all(room), logs.count, cert, issuer, &staple));
    IC_TRY(ic_merkle_heads_see(logs.heads, &staple.head, now_ms, &verdict));
    return ic_merkle_heads_trouble(logs.heads, &staple.head.log, now_ms) == IC_MERKLE_SOUND
               ? IC_OK
               : IC_ERR_AUTH;
}

/* Our own, before it is kept: certificate, its issuer's and staple lie in the room in. */
ICW_EXPORT int icw_staple_check(int cert_len, int issuer_len, int len, double now_ms)
{
    struct ic_view rest = icw_given(cert_len + issuer_len + len);
    struct ic_view leaf = icw_take(&rest, cert_len), root = icw_take(&rest, issuer_len);
    struct ic_pki_cert cert, issuer;
    ic_err e = ic_pki_cert_decode(leaf, &cert, NULL);
    if (e == IC_OK)
        e = ic_pki_cert_decode(root, &issuer, NULL);
    if (e == IC_OK)
        e = check(&cert, &issuer, rest, icw_ms(now_ms));
    return -(int)e;
}

/* ---- the whole log, in our own name ---- */

/* The e-mail address lies in the room in. */
ICW_EXPORT int icw_audit_begin(int len)
{
    static const char scheme[] = "im:";
    char text[sizeof scheme + 320];
    struct ic_view email = icw_given(len);
    if (email.len == 0 || email.len > 320)
        return -IC_ERR_ARG;
    memcpy(text, scheme, sizeof scheme - 1);
    memcpy(text + sizeof scheme - 1, email.p, email.len);
    struct ic_view uri = ic_view(text, sizeof scheme - 1 + email.len);
    memset(&audit, 0, sizeof audit);
    ic_err e = ic_merkle_label(&(struct ic_pki_name){IC_PKI_NAME_EMAIL, email}, &audit.ours[0]);
    if (e == IC_OK)
        e = ic_merkle_label(&(struct ic_pki_name){IC_PKI_NAME_URI, uri}, &audit.ours[1]);
    audit.on = e == IC_OK;
    return -(int)e;
}

/* The next entry: 0, or the length of what it says in our name. */
ICW_EXPORT int icw_audit_entry(int len)
{
    struct ic_merkle_entry entry;
    struct ic_merkle_hash leaf;
    if (!audit.on)
        return -IC_ERR_STATE;
    ic_err e = ic_merkle_entry_decode(icw_given(len), &entry);
    if (e != IC_OK)
        return -(int)e;
    ic_merkle_entry_hash(&entry, &leaf);
    e = ic_merkle_edge_append(&audit.edge, &leaf, NULL);
    if (e != IC_OK)
        return -(int)e;
    if (!ic_merkle_entry_has(&entry, &audit.ours[0]) &&
        !ic_merkle_entry_has(&entry, &audit.ours[1]))
        return 0;
    struct ic_json j = ic_json(icw_answer());
    ic_json_object(&j, NULL);
    ic_json_int(&j, "index", (int64_t)audit.edge.size - 1);
    ic_json_int(&j, "time", (int64_t)(entry.time_ms / 1000));
    ic_json_hex(&j, "certificate", ic_merkle_hash_view(&entry.certificate));
    ic_json_object_end(&j);
    return icw_done(ic_json_end(&j));
}

/* Whether what was read is what the signed head stands for; the head lies in the room in. */
ICW_EXPORT int icw_audit_holds(int len)
{
    struct ic_merkle_head head;
    struct ic_merkle_hash root;
    ic_err e = ic_merkle_head_decode(icw_given(len), &head);
    if (e != IC_OK)
        return -(int)e;
    if (head.size != audit.edge.size)
        return -IC_ERR_RANGE;
    ic_merkle_edge_root(&audit.edge, &root);
    return ic_merkle_hash_equal(&root, &head.root) ? 0 : -IC_ERR_AUTH;
}

/* What a head says, to the room out as JSON. Its signature is not looked at. */
ICW_EXPORT int icw_head_look(int len)
{
    struct ic_merkle_head head;
    ic_err e = ic_merkle_head_decode(icw_given(len), &head);
    if (e != IC_OK)
        return -(int)e;
    struct ic_json j = ic_json(icw_answer());
    ic_json_object(&j, NULL);
    ic_json_int(&j, "size", (int64_t)head.size);
    ic_json_int(&j, "time", (int64_t)(head.time_ms / 1000));
    ic_json_object_end(&j);
    return icw_done(ic_json_end(&j));
}
