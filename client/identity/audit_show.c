#include "identity/audit_show.h"

#include "identity/command.h"
#include "identity/profile.h"

#include <ic/base/json.h>
#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <stdio.h>
#include <string.h>

static const char known_file[] = "known-certificates"; /* SHA-256 each, one after the other */
enum { NAME = 256 };

/* ---- whose they are ---- */

static bool among(const struct ic_buf *known, const struct ic_merkle_hash *h)
{
    for (size_t at = 0; at + IC_MERKLE_HASH_LEN <= known->len; at += IC_MERKLE_HASH_LEN)
        if (memcmp(known->p + at, h->bytes, IC_MERKLE_HASH_LEN) == 0)
            return true;
    return false;
}

void icc_audit_recognise(struct icc_audit *a, struct ic_view key)
{
    IC_BUF_SCOPE(known, ICC_PROFILE_FILE_MAX);
    IC_IGNORE(icc_profile_read(known_file, &known)); /* without it nothing is known */
    for (size_t i = 0; i < a->found_count; i++) {
        struct icc_audit_found *f = &a->found[i];
        struct ic_pki_cert c;
        f->mine = f->der.len && ic_pki_cert_decode(ic_buf_view(&f->der), &c, NULL) == IC_OK &&
                  ic_view_equal(c.key, key);
        f->known = among(&known, &f->entry.certificate);
    }
}

ic_err icc_audit_accept(const struct icc_audit *a)
{
    IC_BUF_SCOPE(known, ICC_PROFILE_FILE_MAX);
    for (size_t i = 0; i < a->found_count; i++)
        if (a->found[i].der.len) /* nobody can know one that they did not see */
            IC_TRY(ic_buf_append(&known, ic_merkle_hash_view(&a->found[i].entry.certificate)));
    return icc_profile_write(known_file, ic_buf_view(&known));
}

size_t icc_audit_unknown(const struct icc_audit *a)
{
    size_t n = 0;
    for (size_t i = 0; i < a->found_count; i++)
        n += !a->found[i].mine && !a->found[i].known;
    return n;
}

/* ---- for people ---- */

static void print_time(uint64_t time_ms)
{
    char text[IC_PKI_TIME_TEXT];
    ic_pki_time_text((int64_t)(time_ms / 1000), text);
    printf("%s", text);
}

static void print_one(const struct icc_audit_found *f)
{
    char until[IC_PKI_TIME_TEXT] = "?", subject[NAME] = "", print[17];
    struct ic_pki_cert c;
    if (f->der.len && ic_pki_cert_decode(ic_buf_view(&f->der), &c, NULL) == IC_OK) {
        ic_pki_time_text(c.not_after, until);
        ic_pki_name_text(c.subject, subject, sizeof subject);
    }
    icc_short_fingerprint(f->entry.certificate.bytes, print);
    printf("  ");
    print_time(f->entry.time_ms);
    printf("  %-20s  %s  %s\n", until, print,
           f->mine       ? "this device"
           : !f->der.len ? "KEPT FROM YOU"
           : f->known    ? "known to you"
                         : "UNKNOWN");
    if (!f->mine && subject[0])
        printf("      %s\n", subject);
}

static void print_certificates(const struct icc_audit *a)
{
    if (a->found_count == 0) {
        puts("\nNo certificate bears your name.");
        return;
    }
    puts("\nCertificates that bear your name:\n"
         "  issued                valid until           certificate       whose key");
    for (size_t i = 0; i < a->found_count; i++)
        print_one(&a->found[i]);
}

static void print_advice(const struct icc_audit *a)
{
    size_t n = icc_audit_unknown(a);
    if (n == 0 && a->alarm_count == 0)
        puts("\nAll of them are known to you, and nothing is wrong with the log.");
    if (n > 0)
        printf(
            "\n%zu of them %s not this device's. Did you enrol another device then? If so, `incamera identity "
            "audit --accept`\nremembers. If not, somebody else can show as you: tell your administrator, and "
            "take the device back in your\naccount.\n",
            n, n == 1 ? "is" : "are");
    for (size_t i = 0; i < a->alarm_count; i++)
        printf("\nALARM  %s\n       (%s)\n", a->alarms[i].text, a->alarms[i].rule);
    if (a->alarm_count > 0)
        puts(
            "\nThe organisation's list of certificates is not what it must be. Compare codes before you trust anybody\n"
            "whom it alone vouches for.");
}

void icc_audit_print(const struct icc_audit *a, const char *server)
{
    printf("Log of %.*s: %llu entries; signed ", (int)strcspn(server, "#"), server,
           (unsigned long long)a->head.size);
    print_time(a->head.time_ms);
    printf("\n%s\n", !a->head_good    ? "It is not the log that this device agreed to."
                     : a->first       ? "This device sees it for the first time."
                     : a->alarm_count ? "It was held against what this device saw before."
                                      : "It continues what this device saw before.");
    print_certificates(a);
    print_advice(a);
}

/* ---- for programs ---- */

static void write_certificate(struct ic_json *j, const struct icc_audit_found *f)
{
    struct ic_pki_cert c;
    struct ic_reader r;
    struct ic_pki_name n;
    char subject[NAME];
    if (ic_pki_cert_decode(ic_buf_view(&f->der), &c, NULL) != IC_OK)
        return;
    ic_pki_name_text(c.subject, subject, sizeof subject);
    ic_json_cstr(j, "subject", subject);
    ic_json_array(j, "names");
    r = ic_reader(c.names);
    while (ic_pki_names_next(&r, &n))
        if (n.kind == IC_PKI_NAME_EMAIL || n.kind == IC_PKI_NAME_DNS || n.kind == IC_PKI_NAME_URI)
            ic_json_text(j, NULL, n.value);
    ic_json_array_end(j);
    ic_json_int(j, "not_before", c.not_before);
    ic_json_int(j, "not_after", c.not_after);
    ic_json_hex(j, "serial", c.serial);
}

static void write_found(struct ic_json *j, const struct icc_audit_found *f)
{
    ic_json_object(j, NULL);
    ic_json_uint(j, "index", f->index);
    ic_json_uint(j, "time_ms", f->entry.time_ms);
    ic_json_hex(j, "fingerprint", ic_merkle_hash_view(&f->entry.certificate));
    ic_json_bool(j, "mine", f->mine);
    ic_json_bool(j, "known", f->known);
    ic_json_bool(j, "withheld", f->der.len == 0);
    if (f->der.len)
        write_certificate(j, f);
    ic_json_object_end(j);
}

ic_err icc_audit_json(const struct icc_audit *a, const char *server)
{
    IC_BUF_SCOPE(line, 16 << 20);
    struct ic_json j = ic_json(&line);
    ic_json_object(&j, NULL);
    ic_json_cstr(&j, "server", server);
    ic_json_hex(&j, "log", ic_merkle_hash_view(&a->head.log));
    ic_json_uint(&j, "size", a->head.size);
    ic_json_uint(&j, "read", a->read);
    ic_json_uint(&j, "time_ms", a->head.time_ms);
    ic_json_hex(&j, "root", ic_merkle_hash_view(&a->head.root));
    ic_json_bool(&j, "seen_before", !a->first);
    ic_json_uint(&j, "unknown", icc_audit_unknown(a));
    ic_json_array(&j, "certificates");
    for (size_t i = 0; i < a->found_count; i++)
        write_found(&j, &a->found[i]);
    ic_json_array_end(&j);
    ic_json_array(&j, "alarms");
    for (size_t i = 0; i < a->alarm_count; i++) {
        ic_json_object(&j, NULL);
        ic_json_cstr(&j, "rule", a->alarms[i].rule);
        ic_json_cstr(&j, "text", a->alarms[i].text);
        ic_json_object_end(&j);
    }
    ic_json_array_end(&j);
    ic_json_object_end(&j);
    IC_TRY(ic_json_end(&j));
    printf("%.*s\n", (int)line.len, (const char *)line.p);
    return IC_OK;
}
