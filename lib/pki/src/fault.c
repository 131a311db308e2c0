#include <ic/pki/fault.h>

#include <ic/base/mem.h>
#include <stdio.h>

#include "internal.h"

struct reason {
    const char *name;
    ic_err err;
    const char *text;
};

#define ROW(name, id, err, text) [IC_PKI_##name] = {id, IC_##err, text},
static const struct reason reasons[] = {IC_PKI_REASON_LIST(ROW)};
#undef ROW

static const struct reason *row_of(enum ic_pki_reason r)
{
    return &reasons[(size_t)r < IC_ARRAY_LEN(reasons) ? r : IC_PKI_FAILED];
}

const char *ic_pki_reason_name(enum ic_pki_reason r)
{
    return row_of(r)->name;
}

const char *ic_pki_reason_text(enum ic_pki_reason r)
{
    return row_of(r)->text;
}

ic_err ic_pki_reason_err(enum ic_pki_reason r)
{
    return row_of(r)->err;
}

/* "(CN=Ana)", with the time where that is what failed; empty for nobody. */
static void describe(const struct ic_pki_cert *cert, char *out, size_t cap)
{
    char name[120];
    out[0] = 0;
    if (!cert || cert->subject.len == 0)
        return;
    ic_pki_name_text(cert->subject, name, sizeof name);
    if (name[0])
        snprintf(out, cap, " (%s)", name);
}

static void add_time(enum ic_pki_reason reason, const struct ic_pki_cert *cert, char *out,
                     size_t cap)
{
    char time[IC_PKI_TIME_TEXT];
    out[0] = 0;
    if (!cert || (reason != IC_PKI_NOT_YET && reason != IC_PKI_EXPIRED))
        return;
    ic_pki_time_text(reason == IC_PKI_NOT_YET ? cert->not_before : cert->not_after, time);
    snprintf(out, cap, " (%s)", time);
}

/* What is no certificate. */
static const char *other_name(int32_t index)
{
    switch (index) {
    case IC_PKI_LIST_INDEX:
        return "the list of revoked certificates";
    case IC_PKI_REQUEST_INDEX:
        return "the request";
    default:
        return "the answer of OCSP";
    }
}

ic_err ic_pki_fault_set(struct ic_pki_fault *fault, enum ic_pki_reason reason, int32_t index,
                        const struct ic_pki_cert *cert)
{
    if (fault) {
        char name[128], time[IC_PKI_TIME_TEXT + 3];
        describe(cert, name, sizeof name);
        add_time(reason, cert, time, sizeof time);
        fault->reason = reason;
        fault->index = index;
        if (index == IC_PKI_NO_INDEX)
            snprintf(fault->text, sizeof fault->text, "%s", ic_pki_reason_text(reason));
        else if (index == IC_PKI_ROOT_INDEX)
            snprintf(fault->text, sizeof fault->text, "the root%s: %s%s", name,
                     ic_pki_reason_text(reason), time);
        else if (index < 0)
            snprintf(fault->text, sizeof fault->text, "%s: %s", other_name(index),
                     ic_pki_reason_text(reason));
        else
            snprintf(fault->text, sizeof fault->text, "certificate %d%s: %s%s", index, name,
                     ic_pki_reason_text(reason), time);
    }
    return ic_pki_reason_err(reason);
}
