#include "identity/accounts/ticket.h"
#include "identity/accounts/token.h"

#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <string.h>

static ic_err fill(void *ctx, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++) { /* mixed well enough that no two tickets of a test are one */
        uint32_t x = ++*(uint32_t *)ctx * 2654435761u;
        x = (x ^ x >> 15) * 2246822519u;
        out[i] = (uint8_t)(x >> 24);
    }
    return IC_OK;
}

static uint32_t state;
static const struct ic_rand rand_of_test = {fill, &state};
static struct icd_ticket_box box;

TEST(ticket_is_good_once_for_its_purpose_and_binding)
{
    char t[ICD_TICKET_LEN + 1];
    CHECK_OK(icd_ticket_box_init(&box, &rand_of_test));
    CHECK_OK(icd_ticket_make(&box, "passkey", IC_VIEW_STR("x"), 1000, t));
    CHECK_EQ_INT(strlen(t), ICD_TICKET_LEN);
    struct ic_view v = ic_view_cstr(t);
    CHECK_OK(icd_ticket_open(&box, "passkey", IC_VIEW_STR("x"), v, 2000));
    CHECK_ERR(icd_ticket_open(&box, "oidc", IC_VIEW_STR("x"), v, 2000), IC_ERR_AUTH);
    CHECK_ERR(icd_ticket_open(&box, "passkey", IC_VIEW_STR("y"), v, 2000), IC_ERR_AUTH);
    CHECK_ERR(icd_ticket_open(&box, "passkey", IC_VIEW_STR("x"), v, 1000 + ICD_TICKET_MS),
              IC_ERR_EXPIRED);
    CHECK_OK(icd_ticket_spend(&box, v, 2000));
    CHECK_ERR(icd_ticket_open(&box, "passkey", IC_VIEW_STR("x"), v, 2001), IC_ERR_REPLAY);
    CHECK_ERR(icd_ticket_spend(&box, v, 2001), IC_ERR_REPLAY); /* opened before, by another */
    icd_ticket_box_clear(&box);
}

TEST(ticket_changed_anywhere_is_refused)
{
    char t[ICD_TICKET_LEN + 1];
    CHECK_OK(icd_ticket_box_init(&box, &rand_of_test));
    CHECK_OK(icd_ticket_make(&box, "p", IC_VIEW_STR(""), 1000, t));
    for (size_t i = 0; i < ICD_TICKET_LEN; i++) {
        char was = t[i];
        t[i] = was == 'A' ? 'B' : 'A';
        CHECK_ERR(icd_ticket_open(&box, "p", IC_VIEW_STR(""), ic_view_cstr(t), 1000), IC_ERR_AUTH);
        t[i] = was;
    }
    CHECK_ERR(icd_ticket_open(&box, "p", IC_VIEW_STR(""), ic_view(t, ICD_TICKET_LEN - 1), 1000),
              IC_ERR_AUTH);
    icd_ticket_box_clear(&box);
}

TEST(ticket_box_never_forgets_one_that_was_spent)
{
    char first[ICD_TICKET_LEN + 1], t[ICD_TICKET_LEN + 1];
    CHECK_OK(icd_ticket_box_init(&box, &rand_of_test));
    CHECK_OK(icd_ticket_make(&box, "p", IC_VIEW_STR(""), 1000, first));
    CHECK_OK(icd_ticket_spend(&box, ic_view_cstr(first), 1000));
    for (size_t i = 1; i < ICD_TICKET_SPENT; i++) {
        CHECK_OK(icd_ticket_make(&box, "p", IC_VIEW_STR(""), 1000, t));
        CHECK_OK(icd_ticket_spend(&box, ic_view_cstr(t), 1000));
    }
    CHECK_OK(icd_ticket_make(&box, "p", IC_VIEW_STR(""), 1000, t));
    CHECK_ERR(icd_ticket_spend(&box, ic_view_cstr(t), 1000), IC_ERR_BUSY);
    CHECK_ERR(icd_ticket_open(&box, "p", IC_VIEW_STR(""), ic_view_cstr(first), 1000),
              IC_ERR_REPLAY);
    CHECK_OK(icd_ticket_spend(&box, ic_view_cstr(t), 1000 + ICD_TICKET_MS));
    icd_ticket_box_clear(&box);
}

TEST(token_has_its_kind_and_is_kept_as_a_hash)
{
    char a[ICD_BEARER_LEN + 1], b[ICD_BEARER_LEN + 1];
    uint8_t ha[ICD_TOKEN_HASH], hb[ICD_TOKEN_HASH];
    CHECK_OK(icd_token_make(&rand_of_test, ICD_TOKEN_SESSION, a));
    CHECK_OK(icd_token_make(&rand_of_test, ICD_TOKEN_SESSION, b));
    CHECK_EQ_INT(strlen(a), ICD_BEARER_LEN);
    CHECK(strcmp(a, b) != 0);
    CHECK(icd_token_is(ic_view_cstr(a), ICD_TOKEN_SESSION));
    CHECK(!icd_token_is(ic_view_cstr(a), ICD_TOKEN_ENROLMENT));
    CHECK(!icd_token_is(ic_view(a, ICD_BEARER_LEN - 1), ICD_TOKEN_SESSION));
    icd_token_hash(ic_view_cstr(a), ha);
    icd_token_hash(ic_view_cstr(b), hb);
    CHECK(memcmp(ha, hb, sizeof ha) != 0);
}
