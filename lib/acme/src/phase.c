/* What comes after what: RFC 8555 section 7. */
#include "internal.h"

#include <ic/base/json.h>
#include <stdio.h>
#include <string.h>

/* ---- requests ---- */

static void write_account(const struct ic_acme *a, struct ic_json *j)
{
    if (a->c.agree)
        ic_json_bool(j, "termsOfServiceAgreed", true);
    if (!a->c.contact)
        return;
    ic_json_array(j, "contact");
    ic_json_cstr(j, NULL, a->c.contact);
    ic_json_array_end(j);
}

static void write_order(const struct ic_acme *a, struct ic_json *j)
{
    ic_json_array(j, "identifiers");
    for (size_t i = 0; i < a->name_count; i++) {
        ic_json_object(j, NULL);
        ic_json_cstr(j, "type", a->names[i].type);
        ic_json_cstr(j, "value", a->names[i].value);
        ic_json_object_end(j);
    }
    ic_json_array_end(j);
}

static void write_revocation(const struct ic_acme *a, struct ic_json *j)
{
    ic_json_base64(j, "certificate", ic_buf_view(&a->csr));
    ic_json_uint(j, "reason", a->reason);
}

static ic_err write_payload(const struct ic_acme *a, struct ic_buf *out)
{
    struct ic_json j = ic_json(out);
    ic_json_object(&j, NULL);
    if (a->phase == PHASE_ACCOUNT)
        write_account(a, &j);
    else if (a->phase == PHASE_ORDER)
        write_order(a, &j);
    else if (a->phase == PHASE_FINALIZE)
        ic_json_base64(&j, "csr", ic_buf_view(&a->csr));
    else
        write_revocation(a, &j);
    ic_json_object_end(&j);
    return ic_json_end(&j);
}

ic_err ic_acme_phase_request(const struct ic_acme *a, const char **url, struct ic_buf *payload)
{
    switch (a->phase) {
    case PHASE_DIRECTORY:
        *url = a->directory;
        return IC_OK;
    case PHASE_AUTHORIZATION:
        *url = a->authorizations[a->authorization];
        return IC_OK;
    case PHASE_ORDER_AGAIN:
        *url = a->order;
        return IC_OK;
    case PHASE_CERTIFICATE:
        *url = a->certificate;
        return IC_OK;
    case PHASE_RESPOND:
        *url = a->challenge;
        return ic_buf_append(payload, ic_buf_view(&a->response));
    case PHASE_ACCOUNT:
        *url = a->new_account;
        break;
    case PHASE_ORDER:
        *url = a->new_order;
        break;
    case PHASE_FINALIZE:
        *url = a->finalize;
        break;
    case PHASE_REVOKE:
        *url = a->revoke_cert;
        break;
    default:
        return IC_ERR_STATE;
    }
    return write_payload(a, payload);
}

/* ---- answers ---- */

static void on_directory(struct ic_acme *a, const json_t *o)
{
    bool ok = ic_acme_read_url(a, o, "newNonce", a->new_nonce) &&
              ic_acme_read_url(a, o, "newAccount", a->new_account) &&
              ic_acme_read_url(a, o, "newOrder", a->new_order) &&
              ic_acme_read_url(a, o, "revokeCert", a->revoke_cert);
    if (ok)
        a->phase = PHASE_ACCOUNT;
    else
        ic_acme_fail(a, "that is no ACME directory, or one that leads elsewhere: %s", a->directory);
}

static void on_account(struct ic_acme *a, const struct ic_acme_answer *answer, const json_t *o)
{
    if (!ic_acme_take_url(a, answer->location, a->account))
        ic_acme_fail(a, "the authority names no account");
    else if (!ic_acme_read_is(o, "status", "valid"))
        ic_acme_fail(a, "the account is not valid any more");
    else
        a->phase = a->name_count ? PHASE_ORDER : PHASE_REVOKE;
}

/* The index of our name that an identifier is; name_count where it is none. */
static size_t find_name(const struct ic_acme *a, const json_t *identifier)
{
    size_t i = 0;
    while (i < a->name_count && !(ic_acme_read_is(identifier, "type", a->names[i].type) &&
                                  ic_acme_read_is(identifier, "value", a->names[i].value)))
        i++;
    return i;
}

/* Exactly what was asked for. */
static bool names_fit(const struct ic_acme *a, const json_t *list)
{
    bool seen[IC_ACME_NAMES_MAX] = {false};
    size_t i;
    json_t *v;
    json_array_foreach(list, i, v)
    {
        size_t at = find_name(a, v);
        if (at == a->name_count || seen[at])
            return false;
        seen[at] = true;
    }
    return json_is_array(list) && json_array_size(list) == a->name_count;
}

static bool read_authorizations(struct ic_acme *a, const json_t *list)
{
    size_t n = json_array_size(list);
    if (n == 0 || n > a->name_count)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!ic_acme_take_url(a, json_string_value(json_array_get(list, i)), a->authorizations[i]))
            return false;
    a->authorization_count = n;
    a->authorization = 0;
    return true;
}

static void poll_later(struct ic_acme *a, uint64_t now_ms)
{
    if (!a->poll_ms)
        a->poll_ms = POLL_FIRST_MS;
    a->wait_until_ms = now_ms + a->poll_ms;
    a->poll_ms = a->poll_ms * 2 > POLL_MAX_MS ? POLL_MAX_MS : a->poll_ms * 2;
}

/* Why something is invalid stands in its "error". */
static void on_invalid(struct ic_acme *a, const json_t *error, const char *what)
{
    if (json_is_object(error)) {
        ic_acme_read_problem(a, error, 0);
        a->phase = PHASE_FAILED;
    } else {
        ic_acme_fail(a, "the authority calls the %s invalid", what);
    }
}

static void on_order_state(struct ic_acme *a, const json_t *o, uint64_t now_ms)
{
    if (ic_acme_read_is(o, "status", "pending") && a->phase != PHASE_FINALIZE &&
        a->authorization < a->authorization_count) {
        a->responded = false;
        a->phase = PHASE_AUTHORIZATION;
    } else if (ic_acme_read_is(o, "status", "ready") && a->phase != PHASE_FINALIZE) {
        a->phase = PHASE_FINALIZE;
    } else if (ic_acme_read_is(o, "status", "valid")) {
        if (ic_acme_read_url(a, o, "certificate", a->certificate))
            a->phase = PHASE_CERTIFICATE;
        else
            ic_acme_fail(a, "the order is done and has no certificate");
    } else if (ic_acme_read_is(o, "status", "processing") ||
               ic_acme_read_is(o, "status", "pending") || ic_acme_read_is(o, "status", "ready")) {
        a->phase = PHASE_ORDER_AGAIN;
        poll_later(a, now_ms);
    } else {
        on_invalid(a, json_object_get(o, "error"), "order");
    }
}

static void on_order(struct ic_acme *a, const struct ic_acme_answer *answer, const json_t *o,
                     uint64_t now_ms)
{
    if (!ic_acme_take_url(a, answer->location, a->order) ||
        !ic_acme_read_url(a, o, "finalize", a->finalize) ||
        !read_authorizations(a, json_object_get(o, "authorizations")))
        ic_acme_fail(a, "the authority's order is not understood");
    else if (!names_fit(a, json_object_get(o, "identifiers")))
        ic_acme_fail(a, "the authority's order is for other names than were asked for");
    else
        on_order_state(a, o, now_ms);
}

/* RFC 8555 section 8: a challenge's type says what is in it. One that is answered by what the application brings needs
 * no token of the server's. */
static bool take_token(struct ic_acme *a, const json_t *o)
{
    a->token[0] = '\0';
    if (!json_object_get(o, "token"))
        return strcmp(a->c.challenge, "http-01") != 0 && strcmp(a->c.challenge, "dns-01") != 0;
    return ic_acme_read_text(o, "token", a->token, sizeof a->token) &&
           ic_acme_is_base64url(a->token, 1, IC_ACME_TOKEN_LEN);
}

/* The challenge of our type; asks the application. */
static void choose(struct ic_acme *a, const json_t *o)
{
    size_t i;
    json_t *v;
    char thumbprint[IC_ACME_THUMBPRINT];
    json_array_foreach(json_object_get(o, "challenges"), i, v)
    {
        if (!ic_acme_read_is(v, "type", a->c.challenge))
            continue;
        if (!ic_acme_read_url(a, v, "url", a->challenge) || !take_token(a, v) ||
            ic_acme_thumbprint(a->c.key, thumbprint) != IC_OK) {
            ic_acme_fail(a, "the authority's challenge is not understood");
            return;
        }
        snprintf(a->key_authorization, sizeof a->key_authorization, "%s.%s", a->token, thumbprint);
        a->phase = PHASE_CHALLENGE;
        return;
    }
    ic_acme_fail(a, "the authority does not offer %s for %s", a->c.challenge,
                 a->names[a->current].value);
}

static const json_t *error_of(const struct ic_acme *a, const json_t *o)
{
    size_t i;
    json_t *v;
    json_array_foreach(json_object_get(o, "challenges"), i, v)
    {
        if (ic_acme_read_is(v, "type", a->c.challenge))
            return json_object_get(v, "error");
    }
    return NULL;
}

static void next_authorization(struct ic_acme *a)
{
    a->names[a->current].authorized = true;
    a->responded = false;
    a->poll_ms = 0;
    a->phase =
        ++a->authorization < a->authorization_count ? PHASE_AUTHORIZATION : PHASE_ORDER_AGAIN;
}

static void on_authorization(struct ic_acme *a, const json_t *o, uint64_t now_ms)
{
    size_t at = find_name(a, json_object_get(o, "identifier"));
    if (at == a->name_count || a->names[at].authorized) {
        ic_acme_fail(a, "the authority asks about a name that was not asked for");
        return;
    }
    a->current = at;
    if (ic_acme_read_is(o, "status", "valid"))
        next_authorization(a);
    else if (ic_acme_read_is(o, "status", "pending") && !a->responded)
        choose(a, o);
    else if (ic_acme_read_is(o, "status", "pending"))
        poll_later(a, now_ms);
    else
        on_invalid(a, error_of(a, o), "proof");
}

void ic_acme_phase_answer(struct ic_acme *a, const struct ic_acme_answer *answer, const json_t *o,
                          uint64_t now_ms)
{
    if (a->phase == PHASE_CERTIFICATE) {
        ic_acme_take_chain(a, answer->body);
        return;
    }
    if (a->phase == PHASE_REVOKE) { /* an empty answer will do */
        a->phase = PHASE_DONE;
        return;
    }
    if (!json_is_object(o)) {
        ic_acme_fail(a, "the authority's answer is not understood");
        return;
    }
    switch (a->phase) {
    case PHASE_DIRECTORY:
        on_directory(a, o);
        break;
    case PHASE_ACCOUNT:
        on_account(a, answer, o);
        break;
    case PHASE_ORDER:
        on_order(a, answer, o, now_ms);
        break;
    case PHASE_AUTHORIZATION:
        on_authorization(a, o, now_ms);
        break;
    case PHASE_RESPOND:
        ic_wipe(a->response.p, a->response.len);
        a->responded = true;
        a->phase = PHASE_AUTHORIZATION;
        break;
    default:
        on_order_state(a, o, now_ms);
        break;
    }
}
