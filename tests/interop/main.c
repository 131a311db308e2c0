/* mls-interop: one JSON request a line on standard input, one answer a line on standard output.
 *
 *     {"rpc":"CreateGroup","group_id":"Z3JvdXA=","cipher_suite":1,"identity":"YWxpY2U="}
 *     {"state_id":1}
 *
 * docs/interop.md describes it. The end of the input ends it, with status 0. */
#include "interop.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    rpc *run;
} rpcs[] = {
    {"Name", rpc_name},
    {"SupportedCiphersuites", rpc_supported_ciphersuites},
    {"CreateGroup", rpc_create_group},
    {"CreateKeyPackage", rpc_create_key_package},
    {"JoinGroup", rpc_join_group},
    {"ExternalJoin", rpc_external_join},
    {"GroupInfo", rpc_group_info},
    {"StateAuth", rpc_state_auth},
    {"Export", rpc_export},
    {"Protect", rpc_protect},
    {"Unprotect", rpc_unprotect},
    {"StorePSK", rpc_store_psk},
    {"AddProposal", rpc_add_proposal},
    {"UpdateProposal", rpc_update_proposal},
    {"RemoveProposal", rpc_remove_proposal},
    {"ExternalPSKProposal", rpc_external_psk_proposal},
    {"ResumptionPSKProposal", rpc_resumption_psk_proposal},
    {"GroupContextExtensionsProposal", rpc_extensions_proposal},
    {"Commit", rpc_commit},
    {"HandleCommit", rpc_handle_commit},
    {"HandlePendingCommit", rpc_handle_pending_commit},
    {"ReInitProposal", rpc_reinit_proposal},
    {"ReInitCommit", rpc_reinit_commit},
    {"HandlePendingReInitCommit", rpc_handle_pending_reinit_commit},
    {"HandleReInitCommit", rpc_handle_reinit_commit},
    {"ReInitWelcome", rpc_reinit_welcome},
    {"HandleReInitWelcome", rpc_handle_reinit_welcome},
    {"CreateBranch", rpc_create_branch},
    {"HandleBranch", rpc_handle_branch},
    {"NewMemberAddProposal", rpc_new_member_add_proposal},
    {"CreateExternalSigner", rpc_create_external_signer},
    {"AddExternalSigner", rpc_add_external_signer},
    {"ExternalSignerProposal", rpc_external_signer_proposal},
    {"Free", rpc_free},
};

ic_err rpc_name(struct call *c)
{
    return json_object_set_new(c->out, "name", json_string("incamera")) == 0 ? IC_OK : IC_ERR_NOMEM;
}

ic_err rpc_supported_ciphersuites(struct call *c)
{
    json_t *list = json_array();
    for (size_t i = 0; ic_suite_at(i); i++)
        if (json_array_append_new(list, json_integer(ic_suite_at(i)->id)) != 0)
            c->err = IC_ERR_NOMEM;
    return json_object_set_new(c->out, "ciphersuites", list) == 0 ? IC_OK : IC_ERR_NOMEM;
}

ic_err rpc_free(struct call *c)
{
    uint32_t id = field_u32(c, "state_id");
    IC_TRY(c->err);
    struct thing *t = thing_find(c->things, id);
    if (!t)
        return refuse(c, IC_ERR_NOT_FOUND, "state_id: there is nothing with the number %u", id);
    thing_free(c->things, t);
    return IC_OK;
}

/* ---- one request ---- */

static ic_err run(struct call *c)
{
    if (!json_is_object(c->in))
        return refuse(c, IC_ERR_MALFORMED, "a request is a JSON object");
    const char *name = json_string_value(json_object_get(c->in, "rpc"));
    if (!name)
        return refuse(c, IC_ERR_ARG, "rpc: the name of an operation is wanted");
    for (size_t i = 0; i < IC_ARRAY_LEN(rpcs); i++)
        if (strcmp(rpcs[i].name, name) == 0) {
            ic_err e = rpcs[i].run(c);
            return e == IC_OK ? c->err : e;
        }
    return refuse(c, IC_ERR_UNSUPPORTED, "unsupported: no such rpc");
}

static void explain(struct call *c, ic_err e)
{
    char text[512];
    const char *rule = c->fault.rule;
    if (rule[0] == '\0' && c->group)
        rule = ic_mls_last_rule(c->group);
    if (c->why[0] != '\0')
        snprintf(text, sizeof text, "%s", c->why);
    else if (rule[0] != '\0')
        snprintf(text, sizeof text, "%s (%s)", ic_err_text(e), rule);
    else
        snprintf(text, sizeof text, "%s", ic_err_text(e));
    json_object_clear(c->out);
    json_object_set_new(c->out, "error", json_string(text));
}

static bool write_answer(const json_t *answer)
{
    bool ok = json_dumpf(answer, stdout, JSON_COMPACT) == 0;
    return putchar('\n') != EOF && fflush(stdout) == 0 && ok;
}

static bool answer_line(struct things *things, const char *line, size_t len)
{
    json_error_t fault;
    struct call c = {.things = things, .fault = IC_MLSPUB_FAULT_NONE};
    ic_arena_init(&c.arena, CALL_MAX_BYTES);
    json_t *in = json_loadb(line, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &fault);
    c.in = in;
    c.out = json_object();
    ic_err e = in ? run(&c) : refuse(&c, IC_ERR_MALFORMED, "not a JSON object in one line");
    if (e != IC_OK)
        explain(&c, e);
    bool ok = c.out && write_answer(c.out);
    json_decref(in);
    json_decref(c.out);
    ic_arena_clear(&c.arena);
    return ok;
}

static bool refuse_line(void)
{
    return puts("{\"error\":\"the line is too long\"}") != EOF && fflush(stdout) == 0;
}

/* ---- lines ---- */

struct line {
    struct ic_buf bytes;
    bool too_long;
};

/* Reads on to a newline or the end. False where nothing was left. */
static bool read_line(struct line *l)
{
    static char piece[65536];
    bool any = false;
    ic_buf_reset(&l->bytes);
    l->too_long = false;
    for (int ch; (ch = getc_unlocked(stdin)) != EOF;) {
        size_t n = 0;
        any = true;
        for (; ch != EOF && ch != '\n' && n < sizeof piece - 1; ch = getc_unlocked(stdin))
            piece[n++] = (char)ch;
        if (ch != EOF && ch != '\n')
            piece[n++] = (char)ch;
        if (!l->too_long && ic_buf_append(&l->bytes, ic_view(piece, n)) != IC_OK) {
            l->too_long = true;
            ic_buf_clear(&l->bytes);
        }
        if (ch == '\n')
            break;
    }
    return any;
}

int main(void)
{
    struct things things = {0};
    struct line line = {0};
    bool ok = true;
    ic_buf_init(&line.bytes, LINE_MAX_BYTES);
    while (ok && read_line(&line))
        ok = line.too_long ? refuse_line()
                           : answer_line(&things, (const char *)line.bytes.p, line.bytes.len);
    ic_buf_clear(&line.bytes);
    things_clear(&things);
    return ok ? 0 : 1;
}
