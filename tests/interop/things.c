/* The things that requests name: kept by number, found by bisection, freed one by one or all at the end. */
#include "interop.h"

#include <ic/base/mem.h>
#include <ic/os/os.h>
#include <time.h>

enum { LIFETIME_BEFORE_S = 3600, LIFETIME_AFTER_S = 90 * 86400 };

uint64_t clock_now_s(void *ctx)
{
    (void)ctx;
    struct timespec t; /* time() may lag behind it, and a peer's new leaf not be valid yet */
    if (clock_gettime(CLOCK_REALTIME, &t) != 0 || t.tv_sec < LIFETIME_BEFORE_S)
        return LIFETIME_BEFORE_S;
    return (uint64_t)t.tv_sec;
}

/* ---- people ---- */

ic_err person_new(const struct ic_suite *suite, struct ic_view identity, struct person **out)
{
    const struct ic_rand rand = ic_os_rand();
    struct person *p = ic_new(struct person);
    if (!p)
        return IC_ERR_NOMEM;
    *p = (struct person){.refs = 1, .suite = suite};
    ic_buf_init(&p->identity, LINE_MAX_BYTES);
    ic_err e = ic_buf_append(&p->identity, identity);
    if (e == IC_OK)
        e = ic_sign_key_generate(suite->sig, &rand, &p->signer);
    if (e != IC_OK) {
        person_free(p);
        return e;
    }
    *out = p;
    return IC_OK;
}

struct person *person_share(struct person *p)
{
    p->refs++;
    return p;
}

void person_free(struct person *p)
{
    if (!p || --p->refs > 0)
        return;
    ic_sign_key_free(p->signer);
    ic_buf_clear(&p->identity);
    ic_free(p);
}

struct ic_mls_identity person_identity(const struct person *p)
{
    uint64_t now_s = clock_now_s(NULL);
    return (struct ic_mls_identity){
        .suite = p->suite,
        .signer = p->signer,
        .credential = {IC_MLS_BASIC, ic_buf_view(&p->identity)},
        .lifetime = {now_s - LIFETIME_BEFORE_S, now_s + LIFETIME_AFTER_S}};
}

/* ---- things ---- */

static ic_err make_room(struct things *all)
{
    if (all->count < all->room)
        return IC_OK;
    size_t room = all->room ? all->room * 2 : 64;
    struct thing **grown = ic_realloc(all->all, room, sizeof(struct thing *));
    if (!grown)
        return IC_ERR_NOMEM;
    all->all = grown;
    all->room = room;
    return IC_OK;
}

ic_err thing_new(struct call *c, enum thing_kind kind, struct person *person, struct thing **out)
{
    struct things *all = c->things;
    if (all->count == THINGS_MAX || all->last == UINT32_MAX)
        return refuse(c, IC_ERR_LIMIT, "too many states and transactions: Free some");
    IC_TRY(make_room(all));
    struct thing *t = ic_new(struct thing);
    if (!t)
        return IC_ERR_NOMEM;
    *t = (struct thing){.id = ++all->last, .kind = kind, .person = person_share(person)};
    all->all[all->count++] = t;
    *out = t;
    return IC_OK;
}

/* Where the number is, or would be. */
static size_t place_of(const struct things *all, uint32_t id)
{
    size_t low = 0, high = all->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (all->all[middle]->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct thing *thing_find(const struct things *all, uint32_t id)
{
    size_t at = place_of(all, id);
    return at < all->count && all->all[at]->id == id ? all->all[at] : NULL;
}

struct thing *thing_field(struct call *c, const char *field, enum thing_kind kind)
{
    static const char *const names[] = {"state", "transaction", "reinitialisation", "signer"};
    uint32_t id = field_u32(c, field);
    struct thing *t = c->err == IC_OK ? thing_find(c->things, id) : NULL;
    if (t && t->kind == kind) {
        if (t->group)
            c->group = t->group;
        return t;
    }
    if (c->err == IC_OK)
        c->err = refuse(c, IC_ERR_NOT_FOUND, "%s: there is no %s %u", field, names[kind], id);
    return NULL;
}

static void psks_free(struct psk *p)
{
    while (p) {
        struct psk *next = p->next;
        ic_buf_clear(&p->id);
        ic_buf_clear_secret(&p->secret);
        ic_free(p);
        p = next;
    }
}

void thing_clear_seen(struct thing *t)
{
    while (t->seen) {
        struct seen *next = t->seen->next;
        ic_buf_clear(&t->seen->message);
        ic_buf_clear(&t->seen->ref);
        ic_free(t->seen);
        t->seen = next;
    }
}

static void thing_destroy(struct thing *t)
{
    ic_mls_discard(t->staged);
    ic_mls_group_free(t->group);
    ic_mls_key_package_free(t->package);
    thing_clear_seen(t);
    psks_free(t->psks);
    person_free(t->person);
    ic_free(t);
}

void thing_free(struct things *all, struct thing *t)
{
    size_t at = place_of(all, t->id);
    all->count--;
    for (size_t i = at; i < all->count; i++)
        all->all[i] = all->all[i + 1];
    thing_destroy(t);
}

void things_clear(struct things *all)
{
    for (size_t i = 0; i < all->count; i++)
        thing_destroy(all->all[i]);
    ic_free(all->all);
    *all = (struct things){0};
}

/* ---- PSKs ---- */

ic_err thing_add_psk(struct thing *t, struct ic_view id, struct ic_view secret)
{
    struct psk *p = ic_new(struct psk);
    if (!p)
        return IC_ERR_NOMEM;
    ic_buf_init(&p->id, LINE_MAX_BYTES);
    ic_buf_init(&p->secret, LINE_MAX_BYTES);
    p->next = t->psks;
    t->psks = p; /* the newest of a name is found first */
    IC_TRY(ic_buf_append(&p->id, id));
    return ic_buf_append(&p->secret, secret);
}

static ic_err find_psk(void *ctx, struct ic_view psk_id, struct ic_buf *out)
{
    const struct thing *t = ctx;
    for (const struct psk *p = t->psks; p; p = p->next)
        if (ic_view_equal(ic_buf_view(&p->id), psk_id))
            return ic_buf_append(out, ic_buf_view(&p->secret));
    return IC_ERR_PSK;
}

struct ic_mls_config thing_config(struct call *c, struct thing *t)
{
    return (struct ic_mls_config){.rand = ic_os_rand(),
                                  .clock = {clock_now_s, NULL},
                                  .find_psk = find_psk,
                                  .ctx = t,
                                  .private_handshakes = t->private_handshakes,
                                  /* The harness says who commits what, and when. */
                                  .data_with_pending = true,
                                  .fault = &c->fault};
}
