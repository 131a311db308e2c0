/* The test vectors in the appendix of RFC 9180, read from its published source: modes base and PSK. */
#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <ic/base/text.h>
#include <ic/base/vectors.h>
#include <ic/crypto/hpke.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_MAX = 1024, LINE_MAX_ = 256 };

/* One setup of the appendix. A name without a value is there and empty. */
enum field {
    IKM_E,
    PK_E,
    SK_E,
    IKM_R,
    PK_R,
    SK_R,
    PSK,
    PSK_ID,
    ENC,
    SHARED,
    EXPORTER,
    INFO,
    PT,
    AAD,
    CT,
    CONTEXT,
    EXPORTED,
    FIELDS
};

static const char *const names[FIELDS] = {
    "ikmE",
    "pkEm",
    "skEm",
    "ikmR",
    "pkRm",
    "skRm",
    "psk",
    "psk_id",
    "enc",
    "shared_secret",
    "exporter_secret",
    "info",
    "pt",
    "aad",
    "ct",
    "exporter_context",
    "exported_value",
};

struct state {
    long mode, kem, kdf, aead, sequence, length;
    struct ic_buf value[FIELDS];
    int current; /* the field that following lines belong to, or -1 */
    bool in_setup, ready;
    struct ic_hpke_ctx sender, receiver;
    unsigned setups, sealed, exported, left_out;
};

static const char *text_after(const char *line, const char *name)
{
    size_t n = strlen(name);
    if (strncmp(line, name, n) != 0 || line[n] != ':')
        return NULL;
    line += n + 1;
    return *line == ' ' ? line + 1 : line;
}

static struct ic_view field(const struct state *s, enum field f)
{
    return ic_buf_view(&s->value[f]);
}

static bool is_served(const struct state *s)
{
    return s->mode <= 1 && ic_aead_key_len((enum ic_aead_id)s->aead) > 0;
}

static struct ic_hpke_suite suite_of(const struct state *s)
{
    static const enum ic_hash_id kdfs[] = {0, IC_SHA256, IC_SHA384, IC_SHA512};
    return (struct ic_hpke_suite){(enum ic_kem_id)s->kem, kdfs[s->kdf], (enum ic_aead_id)s->aead};
}

static void forget(struct state *s)
{
    ic_hpke_ctx_clear(&s->sender);
    ic_hpke_ctx_clear(&s->receiver);
    s->ready = false;
}

static void check_kem(const struct state *s, const struct ic_kem_pair *e)
{
    enum ic_kem_id kem = (enum ic_kem_id)s->kem;
    IC_CLEANUP(ic_kem_pair_clear) struct ic_kem_pair r = {0};
    CHECK_OK(ic_kem_derive_pair(kem, field(s, IKM_R), &r));
    CHECK_BYTES(ic_view(e->public_key, e->public_len), field(s, PK_E));
    CHECK_BYTES(ic_secret_view(&e->private_key), field(s, SK_E));
    CHECK_BYTES(ic_view(r.public_key, r.public_len), field(s, PK_R));
    CHECK_BYTES(ic_secret_view(&r.private_key), field(s, SK_R));
    CHECK_BYTES(field(s, ENC), field(s, PK_E));
    IC_SECRET_SCOPE(sent);
    IC_SECRET_SCOPE(got);
    CHECK_OK(ic_kem_encap_with(kem, field(s, PK_R), e, &sent));
    CHECK_BYTES(ic_secret_view(&sent), field(s, SHARED));
    CHECK_OK(ic_kem_decap(kem, field(s, SK_R), field(s, PK_R), field(s, ENC), &got));
    CHECK_BYTES(ic_secret_view(&got), field(s, SHARED));
}

static void end_setup(struct state *s)
{
    if (!is_served(s)) {
        s->left_out++;
        return;
    }
    struct ic_hpke_psk psk = {field(s, PSK), field(s, PSK_ID)};
    IC_CLEANUP(ic_kem_pair_clear) struct ic_kem_pair e = {0};
    CHECK_OK(ic_kem_derive_pair((enum ic_kem_id)s->kem, field(s, IKM_E), &e));
    check_kem(s, &e);
    if (ic_test_failed())
        return;
    CHECK_OK(ic_hpke_setup_sender_with(suite_of(s), field(s, PK_R), field(s, INFO), psk, &e,
                                       &s->sender));
    CHECK_OK(ic_hpke_setup_receiver(suite_of(s), field(s, SK_R), ic_view(NULL, 0), field(s, ENC),
                                    field(s, INFO), psk, &s->receiver));
    CHECK_BYTES(ic_secret_view(&s->sender.exporter), field(s, EXPORTER));
    s->ready = true;
    s->setups++;
}

static void check_message(struct state *s)
{
    uint8_t out[VALUE_MAX];
    struct ic_view pt = field(s, PT), ct = field(s, CT);
    s->sender.seq = s->receiver.seq = (uint64_t)s->sequence;
    CHECK_EQ_INT(ct.len, pt.len + IC_AEAD_TAG_LEN);
    CHECK_OK(ic_hpke_ctx_seal(&s->sender, field(s, AAD), pt, out));
    CHECK_BYTES(ic_view(out, ct.len), ct);
    CHECK_OK(ic_hpke_ctx_open(&s->receiver, field(s, AAD), ct, out));
    CHECK_BYTES(ic_view(out, pt.len), pt);
    CHECK_EQ_INT(s->receiver.seq, s->sequence + 1);
    s->sealed++;
}

static void check_export(struct state *s)
{
    uint8_t out[VALUE_MAX];
    struct ic_view want = field(s, EXPORTED);
    CHECK_EQ_INT(want.len, s->length);
    CHECK_OK(ic_hpke_ctx_export(&s->sender, field(s, CONTEXT), out, want.len));
    CHECK_BYTES(ic_view(out, want.len), want);
    s->exported++;
}

/* Hexadecimal is broken over lines at odd places too: so a value is decoded when it is whole. */
static void decode_group(struct state *s, int first)
{
    for (int f = first; f < FIELDS; f++) {
        IC_BUF_SCOPE(bytes, VALUE_MAX);
        CHECK_OK(ic_hex_decode(ic_buf_view(&s->value[f]), &bytes));
        ic_buf_move(&s->value[f], &bytes);
    }
}

/* A blank line or a fence ends a group of fields: what it was tells what to do. */
static void end_group(struct state *s)
{
    s->current = -1;
    decode_group(s, s->in_setup ? 0 : PT);
    if (s->in_setup)
        end_setup(s);
    else if (s->ready && s->value[CT].len > 0)
        check_message(s);
    else if (s->ready && s->value[EXPORTED].len > 0)
        check_export(s);
    s->in_setup = false;
    for (enum field f = PT; f < FIELDS; f++)
        ic_buf_reset(&s->value[f]);
}

static void begin_setup(struct state *s, const char *mode)
{
    forget(s);
    for (int f = 0; f < FIELDS; f++)
        ic_buf_reset(&s->value[f]);
    s->mode = atol(mode);
    s->in_setup = true;
}

static bool read_number(struct state *s, const char *line)
{
    const char *v;
    if ((v = text_after(line, "mode")))
        begin_setup(s, v);
    else if ((v = text_after(line, "kem_id")))
        s->kem = atol(v);
    else if ((v = text_after(line, "kdf_id")))
        s->kdf = atol(v);
    else if ((v = text_after(line, "aead_id")))
        s->aead = atol(v);
    else if ((v = text_after(line, "sequence number")))
        s->sequence = atol(v);
    else if ((v = text_after(line, "L")))
        s->length = atol(v);
    else
        return false;
    s->current = -1;
    return true;
}

static void read_line(struct state *s, const char *line)
{
    if (*line == 0 || strcmp(line, "~~~") == 0) {
        end_group(s);
        return;
    }
    if (read_number(s, line))
        return;
    const char *more = strchr(line, ':') ? NULL : line;
    for (int f = 0; f < FIELDS && !more; f++) {
        more = text_after(line, names[f]);
        if (more)
            s->current = f;
    }
    if (!more)
        s->current = -1;
    if (s->current >= 0 && more)
        CHECK_OK(ic_buf_append(&s->value[s->current], ic_view_cstr(more)));
}

static FILE *open_text(void)
{
    const char *dir = ic_test_vectors_dir();
    char path[4096];
    if (!dir ||
        snprintf(path, sizeof path, "%s/../rfc/rfc9180-hpke-source.md", dir) >= (int)sizeof path)
        return NULL;
    return fopen(path, "r");
}

TEST(rfc9180_appendix)
{
    FILE *f = open_text();
    if (!f)
        SKIP("the text of RFC 9180 is not here");
    struct state s = {.current = -1};
    for (int i = 0; i < FIELDS; i++)
        ic_buf_init(&s.value[i], VALUE_MAX);
    char line[LINE_MAX_];
    bool inside = false;
    while (fgets(line, sizeof line, f) && !ic_test_failed()) {
        line[strcspn(line, "\n")] = 0;
        inside = inside || strcmp(line, "# Test Vectors") == 0;
        if (inside)
            read_line(&s, line);
    }
    fclose(f);
    forget(&s);
    for (int i = 0; i < FIELDS; i++)
        ic_buf_clear(&s.value[i]);
    printf("  RFC 9180: %u setups, %u messages, %u exports; %u setups of other modes left out\n",
           s.setups, s.sealed, s.exported, s.left_out);
    CHECK_EQ_INT(s.setups, 12);
    CHECK_EQ_INT(s.sealed, 72);
    CHECK_EQ_INT(s.exported, 36);
}
