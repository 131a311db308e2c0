/* Tickets, the authenticated data of commits, and what joiners are shown. */
#include "io.h"
#include <ic/wire/message.h>
#include <ic/wire/terms.h>

static void ticket(struct io *io, struct ic_wire_ticket *t)
{
    ic_wire_io_vec(io, &t->ref, IC_WIRE_KEY_MAX);
    ic_wire_io_vec(io, &t->bearer, IC_WIRE_KEY_MAX);
    ic_wire_io_u64(io, &t->expiry_ms);
    ic_wire_io_vec(io, &t->host, IC_WIRE_KEY_MAX);
    ic_wire_io_vec(io, &t->signature, IC_WIRE_KEY_MAX);
}

static ic_err check_tickets(struct ic_view list)
{
    struct ic_reader r = ic_reader(list);
    struct io io = {.r = &r};
    struct ic_wire_ticket t;
    for (size_t n = 0; ic_reader_more(&r); n++) {
        if (n == IC_WIRE_TICKETS_MAX)
            return IC_ERR_LIMIT;
        ticket(&io, &t);
    }
    return ic_reader_end(&r);
}

static ic_err check_proofs(struct ic_view list)
{
    struct ic_reader r = ic_reader(list);
    for (size_t n = 0; ic_reader_more(&r); n++) {
        if (n == IC_WIRE_TICKETS_MAX)
            return IC_ERR_LIMIT;
        (void)ic_read_vec(&r, IC_WIRE_KEY_MAX);
    }
    return ic_reader_end(&r);
}

static void tickets(struct io *io, struct ic_view *list)
{
    ic_wire_io_vec(io, list, IC_WIRE_ADMISSION_MAX);
    ic_err e = check_tickets(*list);
    if (e != IC_OK)
        ic_wire_io_fail(io, e);
}

static void commit_data(struct io *io, struct ic_wire_commit_data *d)
{
    ic_wire_io_enum(io, &d->version, 1, 1);
    ic_wire_io_u64(io, &d->time_ms);
    tickets(io, &d->tickets);
    ic_wire_io_vec(io, &d->proofs, IC_WIRE_ADMISSION_MAX);
    ic_err e = check_proofs(d->proofs);
    if (e != IC_OK)
        ic_wire_io_fail(io, e);
}

ic_err ic_wire_commit_data_decode(struct ic_view bytes, struct ic_wire_commit_data *out)
{
    struct ic_reader r = ic_reader(bytes);
    struct io io = {.r = &r};
    struct ic_wire_commit_data d = {0};
    commit_data(&io, &d);
    IC_TRY(ic_reader_end(&r));
    *out = d;
    return IC_OK;
}

ic_err ic_wire_commit_data_encode(const struct ic_wire_commit_data *d, struct ic_buf *out)
{
    struct ic_wire_commit_data copy = *d;
    struct ic_writer w = ic_writer(out);
    struct io io = {.w = &w};
    commit_data(&io, &copy);
    return ic_writer_end(&w);
}

bool ic_wire_ticket_next(struct ic_view *rest, struct ic_wire_ticket *out)
{
    struct ic_reader r = ic_reader(*rest);
    struct io io = {.r = &r};
    struct ic_wire_ticket t;
    if (!ic_reader_more(&r))
        return false;
    ticket(&io, &t);
    if (r.err != IC_OK)
        return false;
    *out = t;
    *rest = ic_view(r.p, ic_reader_left(&r));
    return true;
}

ic_err ic_wire_ticket_add(struct ic_buf *list, const struct ic_wire_ticket *t)
{
    struct ic_wire_ticket copy = *t;
    struct ic_writer w = ic_writer(list);
    struct io io = {.w = &w};
    ticket(&io, &copy);
    return ic_writer_end(&w);
}

ic_err ic_wire_ticket_tbs(struct ic_view group_id, const struct ic_wire_ticket *t,
                          struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    ic_write_vec(&w, group_id);
    ic_write_vec(&w, t->ref);
    ic_write_vec(&w, t->bearer);
    ic_write_u64(&w, t->expiry_ms);
    return ic_writer_end(&w);
}

static void admission(struct io *io, struct ic_wire_admission *a)
{
    ic_wire_io_enum(io, &a->version, 1, 1);
    ic_wire_io_u64(io, &a->time_ms);
    ic_wire_io_vec(io, &a->witness, IC_WIRE_KEY_MAX);
    tickets(io, &a->tickets);
}

ic_err ic_wire_admission_decode(struct ic_view bytes, struct ic_wire_admission *out)
{
    struct ic_reader r = ic_reader(bytes);
    struct io io = {.r = &r};
    struct ic_wire_admission a = {0};
    admission(&io, &a);
    IC_TRY(ic_reader_end(&r));
    *out = a;
    return IC_OK;
}

ic_err ic_wire_admission_encode(const struct ic_wire_admission *a, struct ic_buf *out)
{
    struct ic_wire_admission copy = *a;
    struct ic_writer w = ic_writer(out);
    struct io io = {.w = &w};
    admission(&io, &copy);
    return ic_writer_end(&w);
}
