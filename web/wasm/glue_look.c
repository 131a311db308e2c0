/* A look at a meeting before going in, on a connection of its own: its suite above all, for the device's key must
 * fit it. Nothing that the server says here is bound to anything but the terms to the link; the rest are hints.
 *
 *     icw_look(link)                     1: a frame to send lies in the room out
 *     icw_look_receive(frame)            1: the same; 2: JSON lies there, it is done; 0: nothing to do
 */
#include "glue.h"

#include <ic/meeting/link.h>
#include <ic/rules/rules.h>
#include <ic/wire/terms.h>

static struct ic_meeting_url url;

static int send_frame(const struct ic_wire_frame *f)
{
    ic_err e = ic_wire_encode(f, icw_answer());
    return e == IC_OK ? 1 : -(int)e;
}

ICW_EXPORT int icw_look(int link_len, double now_ms)
{
    ic_err e = ic_meeting_url_parse(icw_given(link_len), &url);
    if (e != IC_OK)
        return -(int)e;
    struct ic_wire_frame f = {
        .type = IC_WIRE_HELLO,
        .request = 1,
        .hello = {IC_WIRE_MINOR, IC_VIEW_STR("incamera-look"), icw_ms(now_ms), 1}};
    return send_frame(&f);
}

static void write_terms(struct ic_json *j, const struct ic_wire_terms *t)
{
    size_t hosts = 0;
    struct ic_view rest = t->hosts, item;
    while (ic_wire_list_next(&rest, &item))
        hosts++;
    ic_json_uint(j, "suite", t->suite);
    ic_json_bool(j, "served", ic_suite_find(t->suite) != NULL);
    ic_json_bool(j, "locked", t->locked);
    ic_json_bool(j, "watermark", t->watermark);
    ic_json_bool(j, "recording", t->recording);
    ic_json_uint(j, "hosts", hosts);
}

static int tell(const struct ic_wire_entered *a)
{
    struct ic_wire_terms t;
    struct ic_rules_fault fault;
    struct ic_view pin =
        url.link.pinned ? IC_VIEW_ARRAY(url.link.meeting_key_hash) : ic_view(NULL, 0);
    ic_err e = ic_wire_terms_decode(a->terms, &t);
    if (e == IC_OK)
        e = ic_rules_terms_verify(&t, pin, &fault);
    if (e != IC_OK)
        return -(int)e;
    struct ic_json j = ic_json(icw_answer());
    ic_json_object(&j, NULL);
    ic_json_text(&j, "title", a->title);
    ic_json_text(&j, "number", a->number);
    ic_json_uint(&j, "kind", a->kind);
    ic_json_bool(&j, "open", a->state == IC_WIRE_OPEN);
    ic_json_bool(&j, "over", a->state == IC_WIRE_OVER);
    ic_json_uint(&j, "start_s", a->start_s);
    ic_json_uint(&j, "end_s", a->end_s);
    ic_json_bool(&j, "media", a->media);
    ic_json_bool(&j, "pinned", url.link.pinned);
    write_terms(&j, &t);
    ic_json_object_end(&j);
    e = ic_json_end(&j);
    return e == IC_OK ? 2 : -(int)e;
}

static int refused(const struct ic_wire_error *e)
{
    return e->code == IC_WIRE_E_NOT_FOUND ? -IC_ERR_NOT_FOUND
           : e->code == IC_WIRE_E_LIMIT   ? -IC_ERR_LIMIT
           : e->code == IC_WIRE_E_DENIED  ? -IC_ERR_DENIED
                                          : -IC_ERR_IO;
}

ICW_EXPORT int icw_look_receive(int len)
{
    struct ic_wire_frame f;
    if (ic_wire_decode(icw_given(len), &f) != IC_OK || f.request == 0)
        return 0;
    switch (f.type) {
    case IC_WIRE_HELLO_OK: {
        struct ic_wire_frame enter = {
            .type = IC_WIRE_ENTER,
            .request = 2,
            .enter = {.ref_kind = url.link.ref_kind, .ref = ic_view_cstr(url.link.ref)}};
        return send_frame(&enter);
    }
    case IC_WIRE_ENTERED:
        return tell(&f.entered);
    case IC_WIRE_ERROR:
        return refused(&f.error);
    default:
        return 0;
    }
}
