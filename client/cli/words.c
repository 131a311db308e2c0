/* What people read, in one place. */
#include "terminal.h"
#include "view.h"

#include <ic/base/mem.h>
#include <stdio.h>
#include <string.h>

const char *icc_words_identity(uint8_t identity)
{
    return identity == IC_MEETING_EXTERNAL   ? "verified by an external authority"
           : identity == IC_MEETING_INTERNAL ? "verified by the organisation"
                                             : "not verified";
}

const char *icc_words_reason(const char *reason)
{
    static const struct {
        const char *reason, *words;
    } rows[] = {
        {"no-certificate", "no certificate"},
        {"no-root", "by an authority that this device does not trust"},
        {"expired", "the certificate ran out"},
        {"not-yet", "the certificate does not hold yet"},
        {"revoked", "the certificate was revoked"},
        {"list-stale", "whether it was revoked is not known"},
        {"signature", "the certificate is forged"},
        {"name-constraint", "the authority may not certify this name"},
        {"purpose", "the certificate is for something else"},
        {"key-usage", "the certificate is for something else"},
        {"key-weak", "the certificate's key is too weak"},
        {"not-logged", "the certificate is missing in its authority's log"},
        {"log-fork", "its authority's log shows two histories"},
        {"log-withholds", "its authority's log keeps something back"},
        {"log-unproved", "its authority's log has much to prove still"},
    };
    for (size_t i = 0; reason && i < IC_ARRAY_LEN(rows); i++)
        if (strcmp(rows[i].reason, reason) == 0)
            return rows[i].words;
    return reason ? reason : "";
}

static void words_of(const struct ic_meeting_person *p, char *out, size_t cap)
{
    if (p->identity == IC_MEETING_EXTERNAL)
        snprintf(out, cap, "verified by %s, external", p->vouched_by);
    else if (p->identity == IC_MEETING_INTERNAL)
        snprintf(out, cap, "verified by %s, your organisation", p->vouched_by);
    else if (p->certificate)
        snprintf(out, cap, "not verified: %s", icc_words_reason(p->reason));
    else
        snprintf(out, cap, "not verified");
}

void icc_words_person(const struct ic_meeting_person *p, char out[ICC_WORDS_PERSON])
{
    words_of(p, out, ICC_WORDS_PERSON - 32); /* room for what the pins say */
    icc_terminal_make_harmless(out);
    if (p->pinned == IC_MEETING_PIN_MATCH)
        strcat(out, ", known to you");
    else if (p->pinned == IC_MEETING_PIN_CHANGED)
        strcat(out, ", NOT THE KEY THAT YOU KNOW");
}
