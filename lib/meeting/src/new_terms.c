/* Wishes for the terms, and the terms that they make. */
#include "internal.h"
#include <ic/mlspub/codec.h>

bool ic_meeting_wish_any(const struct ic_meeting *m)
{
    return m->wish.locked >= 0 || m->wish.new_hosts.len || m->wish.bar.len || m->wish.unbar.len;
}

void ic_meeting_wish_clear(struct ic_meeting *m)
{
    m->wish.locked = -1;
    ic_buf_clear(&m->wish.new_hosts);
    ic_buf_clear(&m->wish.bar);
    ic_buf_clear(&m->wish.unbar);
}

/* All of the list that is not in `but`, then what `more` has beyond it. */
static ic_err join_lists(struct ic_view list, struct ic_view but, struct ic_view more,
                         struct ic_buf *out)
{
    struct ic_view item, rest = list;
    while (ic_wire_list_next(&rest, &item))
        if (!ic_wire_list_has(but, item))
            IC_TRY(ic_wire_list_add(out, item));
    while (ic_wire_list_next(&more, &item))
        if (!ic_wire_list_has(ic_buf_view(out), item))
            IC_TRY(ic_wire_list_add(out, item));
    return IC_OK;
}

/* Drops wishes that hold already. */
void ic_meeting_wish_prune(struct ic_meeting *m)
{
    struct ic_wire_terms t;
    IC_BUF_SCOPE(hosts, 1 << 17);
    IC_BUF_SCOPE(bar, 1 << 17);
    IC_BUF_SCOPE(unbar, 1 << 17);
    if (!ic_meeting_wish_any(m) || !ic_meeting_current_terms(m, &t))
        return;
    if (m->wish.locked == t.locked)
        m->wish.locked = -1;
    struct ic_view rest = ic_buf_view(&m->wish.unbar), item;
    if (join_lists(ic_buf_view(&m->wish.new_hosts), t.hosts, ic_view(NULL, 0), &hosts) != IC_OK ||
        join_lists(ic_buf_view(&m->wish.bar), t.barred, ic_view(NULL, 0), &bar) != IC_OK)
        return;
    while (ic_wire_list_next(&rest, &item))
        if (ic_wire_list_has(t.barred, item) && ic_wire_list_add(&unbar, item) != IC_OK)
            return;
    ic_buf_move(&m->wish.new_hosts, &hosts);
    ic_buf_move(&m->wish.bar, &bar);
    ic_buf_move(&m->wish.unbar, &unbar);
}

static ic_err next_terms(const struct ic_meeting *m, struct ic_buf *out)
{
    struct ic_wire_terms former;
    IC_BUF_SCOPE(hosts, 1 << 17);
    IC_BUF_SCOPE(barred, 1 << 17);
    if (!ic_meeting_current_terms(m, &former))
        return IC_ERR_STATE;
    struct ic_wire_terms t = former;
    IC_TRY(join_lists(former.hosts, ic_view(NULL, 0), ic_buf_view(&m->wish.new_hosts), &hosts));
    IC_TRY(
        join_lists(former.barred, ic_buf_view(&m->wish.unbar), ic_buf_view(&m->wish.bar), &barred));
    t.hosts = ic_buf_view(&hosts);
    t.barred = ic_buf_view(&barred);
    t.locked = m->wish.locked >= 0 ? (uint8_t)m->wish.locked : former.locked;
    t.seq = former.seq + 1;
    return ic_rules_terms_sign(&t, &former, m->config.identity, out);
}

ic_err ic_meeting_wish_extensions(const struct ic_meeting *m, struct ic_buf *out)
{
    uint16_t type;
    struct ic_view data;
    IC_BUF_SCOPE(terms, 1 << 20);
    IC_TRY(next_terms(m, &terms));
    struct ic_reader r = ic_reader(ic_mls_context(m->group)->extensions);
    struct ic_writer w = ic_writer(out);
    while (ic_mlspub_extensions_next(&r, &type, &data))
        ic_mlspub_extension_write(&w, type, type == IC_WIRE_EXT_TERMS ? ic_buf_view(&terms) : data);
    return ic_writer_end(&w);
}
