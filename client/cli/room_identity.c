#include "room_identity.h"

#include "base/clock.h"
#include "identity/contacts.h"
#include "identity/profile.h"
#include "identity/renewal.h"
#include "identity/service.h"
#include "room_private.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

enum { OFFERED_MAX = 1024, STAPLE_WAIT_MS = 3000 };

struct icc_room_identity {
    struct icc_contacts contacts;
    struct ic_meeting_pin *pins; /* the contacts, as the meeting has them */
    struct ic_buf staple;
    struct icc_renewal *renewal;
    struct icc_contact *offered;
    size_t offered_count;
};

static ic_err make_pins(struct icc_room_identity *d)
{
    size_t n = d->contacts.count;
    ic_free(d->pins);
    d->pins = ic_new_array(n + 1, struct ic_meeting_pin);
    if (!d->pins)
        return IC_ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const struct icc_contact *c = &d->contacts.list[i];
        snprintf(d->pins[i].name, sizeof d->pins[i].name, "%s", c->name);
        snprintf(d->pins[i].address, sizeof d->pins[i].address, "%s", c->address);
        memcpy(d->pins[i].key_hash, c->key_hash, sizeof c->key_hash);
    }
    return IC_OK;
}

/* The log's word of this moment: those who come together then show one head, which the others prove once. Where the
 * server does not answer, the one that was kept serves. */
static void ask_staple(struct icc_room_identity *d)
{
    struct icc_enrolment e = {.server = ""};
    struct icc_service *s = NULL;
    char why[200];
    IC_BUF_SCOPE(pem, ICC_PROFILE_FILE_MAX);
    IC_BUF_SCOPE(fresh, IC_MEETING_STAPLE_MAX);
    if (d->staple.len == 0 || icc_enrolment_load(&e, why, sizeof why) != IC_OK)
        return;
    if (icc_profile_read("certificate.pem", &pem) == IC_OK &&
        icc_service_open(&e.url, &s) == IC_OK) {
        s->limit_ms = STAPLE_WAIT_MS;
        if (icc_service_staple(s, ic_buf_view(&pem), &fresh) == IC_OK && fresh.len) {
            IC_IGNORE(icc_profile_write("staple", ic_buf_view(&fresh)));
            ic_buf_move(&d->staple, &fresh);
        }
    }
    icc_service_close(s);
    icc_enrolment_clear(&e);
}

ic_err icc_room_identity_open(struct icc_room *r, char *why, size_t why_len)
{
    if (!r->c->profile)
        return IC_OK;
    struct icc_room_identity *d = ic_new(struct icc_room_identity);
    if (!d)
        return IC_ERR_NOMEM;
    r->own = d;
    ic_buf_init(&d->staple, IC_MEETING_STAPLE_MAX);
    ic_err e = icc_profile_read("staple", &d->staple);
    if (e != IC_OK && e != IC_ERR_NOT_FOUND) {
        snprintf(why, why_len, "staple in the profile cannot be read: %s", ic_err_text(e));
        return e;
    }
    ask_staple(d);
    IC_TRY(icc_contacts_load(&d->contacts, why, why_len));
    return make_pins(d);
}

void icc_room_identity_config(const struct icc_room *r, struct ic_meeting_config *c)
{
    if (!r->own)
        return;
    if (c->certificates.len)
        c->staple = ic_buf_view(&r->own->staple);
    c->pins = r->own->pins;
    c->pin_count = r->own->contacts.count;
}

/* ---- renewal ---- */

static void on_renewed(void *ctx, struct ic_view certificates, struct ic_view staple)
{
    struct icc_room *r = ctx;
    if (r->over)
        return;
    pthread_mutex_lock(&r->lock);
    ic_err e = ic_meeting_renew(r->meeting, certificates, staple, icc_now_ms());
    pthread_mutex_unlock(&r->lock);
    if (e == IC_ERR_RULE)
        r->view.ops->refused(
            r->view.self, "renew",
            "the new certificate has another name or root: leave, and join with it");
    else if (e != IC_OK)
        r->view.ops->refused(r->view.self, "renew", ic_err_text(e));
    icc_room_pump(r);
}

static void on_failed(void *ctx, const char *why)
{
    struct icc_room *r = ctx;
    if (!r->over)
        r->view.ops->refused(r->view.self, "renew", why);
}

ic_err icc_room_identity_start(struct icc_room *r)
{
    const struct icc_renewal_config c = {.loop = r->loop,
                                         .key = r->c->identity,
                                         .certificates = ic_buf_view(&r->c->certificates->chain),
                                         .renewed = on_renewed,
                                         .failed = on_failed,
                                         .ctx = r};
    return r->own ? icc_renewal_start(&c, &r->own->renewal) : IC_OK;
}

void icc_room_renew(struct icc_room *r)
{
    if (!r->own || !icc_renewal_now(r->own->renewal))
        r->view.ops->refused(r->view.self, "renew", "no server gave this device its certificate");
}

void icc_room_identity_close(struct icc_room *r)
{
    struct icc_room_identity *d = r->own;
    if (!d)
        return;
    icc_renewal_free(d->renewal);
    icc_contacts_clear(&d->contacts);
    ic_buf_clear(&d->staple);
    ic_free(d->pins);
    ic_free(d->offered);
    ic_free(d);
    r->own = NULL;
}

/* ---- contacts ---- */

void icc_room_identity_take(struct icc_room *r, const struct ic_meeting_event *e)
{
    struct icc_room_identity *d = r->own;
    if (!d || e->type != IC_MEETING_EV_PIN_OFFER || d->offered_count == OFFERED_MAX)
        return;
    struct icc_contact *list = ic_realloc(d->offered, d->offered_count + 1, sizeof *list);
    if (!list)
        return;
    d->offered = list;
    struct icc_contact *c = &list[d->offered_count++];
    *c = (struct icc_contact){.how = ICC_CONTACT_CODE, .time_s = (int64_t)(icc_now_ms() / 1000)};
    snprintf(c->name, sizeof c->name, "%s", e->person.name);
    snprintf(c->address, sizeof c->address, "%s", e->person.address);
    memcpy(c->key_hash, e->person.key_hash, sizeof c->key_hash);
}

static ic_err keep_offered(struct icc_room_identity *d)
{
    char why[200];
    struct icc_contacts now = {0};
    /* Another meeting may have changed the file meanwhile. */
    IC_TRY(icc_contacts_load(&now, why, sizeof why));
    ic_err e = IC_OK;
    for (size_t i = 0; i < d->offered_count && e == IC_OK; i++)
        e = icc_contacts_put(&now, &d->offered[i]);
    if (e == IC_OK)
        e = icc_contacts_save(&now);
    if (e != IC_OK) {
        icc_contacts_clear(&now);
        return e;
    }
    icc_contacts_clear(&d->contacts);
    d->contacts = now;
    d->offered_count = 0;
    return make_pins(d);
}

void icc_room_pin(struct icc_room *r)
{
    struct icc_room_identity *d = r->own;
    if (!d || d->offered_count == 0) {
        r->view.ops->refused(r->view.self, "pin",
                             d ? "compare the code with the others first"
                               : "contacts are the profile's, and --identity names another key");
        return;
    }
    ic_err e = keep_offered(d);
    if (e == IC_OK) {
        pthread_mutex_lock(&r->lock);
        e = ic_meeting_set_pins(r->meeting, d->pins, d->contacts.count, icc_now_ms());
        pthread_mutex_unlock(&r->lock);
    }
    if (e != IC_OK)
        r->view.ops->refused(r->view.self, "pin", ic_err_text(e));
    icc_room_pump(r);
}
