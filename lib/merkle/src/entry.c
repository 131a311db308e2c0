#include <ic/crypto/hash.h>
#include <ic/merkle/entry.h>
#include <stdlib.h>

ic_err ic_merkle_label(const struct ic_pki_name *name, struct ic_merkle_hash *out)
{
    static const char context[] = "InCamera Log Name"; /* its NUL is part of it */
    if (name->kind != IC_PKI_NAME_EMAIL && name->kind != IC_PKI_NAME_DNS &&
        name->kind != IC_PKI_NAME_URI)
        return IC_ERR_ARG;
    uint8_t kind = (uint8_t)name->kind, part[64];
    struct ic_hash h;
    ic_hash_init(&h, IC_SHA256);
    ic_hash_update(&h, ic_view(context, sizeof context));
    ic_hash_update(&h, ic_view(&kind, 1));
    for (size_t at = 0; at < name->value.len;) {
        size_t n = 0;
        for (; n < sizeof part && at < name->value.len; n++, at++) {
            uint8_t c = name->value.p[at];
            part[n] = c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
        }
        ic_hash_update(&h, ic_view(part, n));
    }
    ic_hash_final(&h, out->bytes);
    return IC_OK;
}

static int order(const void *a, const void *b)
{
    return memcmp(a, b, IC_MERKLE_HASH_LEN);
}

ic_err ic_merkle_entry_of(const struct ic_pki_cert *certificate, const struct ic_pki_cert *issuer,
                          uint64_t time_ms, struct ic_merkle_entry *out)
{
    struct ic_merkle_entry e = {.time_ms = time_ms};
    memcpy(e.issuer.bytes, issuer->fingerprint, IC_MERKLE_HASH_LEN);
    memcpy(e.certificate.bytes, certificate->fingerprint, IC_MERKLE_HASH_LEN);
    struct ic_reader r = ic_reader(certificate->names);
    struct ic_pki_name name;
    size_t n = 0;
    while (ic_pki_names_next(&r, &name)) {
        if (n == IC_MERKLE_LABELS_MAX)
            return IC_ERR_LIMIT;
        if (ic_merkle_label(&name, &e.label[n]) == IC_OK)
            n++;
    }
    if (ic_reader_end(&r) != IC_OK)
        return IC_ERR_MALFORMED;
    qsort(e.label, n, sizeof e.label[0], order);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || order(&e.label[i], &e.label[e.label_count - 1]) != 0)
            e.label[e.label_count++] = e.label[i];
    *out = e;
    return IC_OK;
}

bool ic_merkle_entry_has(const struct ic_merkle_entry *e, const struct ic_merkle_hash *label)
{
    return bsearch(label, e->label, e->label_count, sizeof e->label[0], order) != NULL;
}

/* The two bytes of a length that stands before `len` bytes, RFC 9420 section 2.1.2. */
static struct ic_view varint(size_t len, uint8_t room[2])
{
    if (len < 0x40) {
        room[0] = (uint8_t)len;
        return ic_view(room, 1);
    }
    ic_store_u16(room, (uint16_t)(len | 0x4000));
    return ic_view(room, 2);
}

void ic_merkle_entry_hash(const struct ic_merkle_entry *e, struct ic_merkle_hash *out)
{
    /* The encoding, hashed as it goes: nothing is allocated, so nothing fails. */
    uint8_t start[10] = {0, IC_MERKLE_ENTRY_VERSION}, room[2];
    ic_store_u64(start + 2, e->time_ms);
    size_t len = e->label_count * IC_MERKLE_HASH_LEN;
    struct ic_hash h;
    ic_hash_init(&h, IC_SHA256);
    ic_hash_update(&h, IC_VIEW_ARRAY(start));
    ic_hash_update(&h, ic_merkle_hash_view(&e->issuer));
    ic_hash_update(&h, ic_merkle_hash_view(&e->certificate));
    ic_hash_update(&h, varint(len, room));
    ic_hash_update(&h, ic_view(e->label, len));
    ic_hash_final(&h, out->bytes);
}

static void read_hash(struct ic_reader *r, struct ic_merkle_hash *out)
{
    struct ic_view v = ic_read_bytes(r, IC_MERKLE_HASH_LEN);
    if (v.len == IC_MERKLE_HASH_LEN)
        memcpy(out->bytes, v.p, v.len);
}

ic_err ic_merkle_entry_decode(struct ic_view v, struct ic_merkle_entry *out)
{
    struct ic_merkle_entry e = {0};
    struct ic_reader r = ic_reader(v);
    if (ic_read_u8(&r) != IC_MERKLE_ENTRY_VERSION)
        ic_reader_fail(&r, IC_ERR_UNSUPPORTED);
    e.time_ms = ic_read_u64(&r);
    read_hash(&r, &e.issuer);
    read_hash(&r, &e.certificate);
    struct ic_view labels = ic_read_vec(&r, sizeof e.label);
    if (labels.len % IC_MERKLE_HASH_LEN)
        ic_reader_fail(&r, IC_ERR_MALFORMED);
    IC_TRY(ic_reader_end(&r));
    e.label_count = labels.len / IC_MERKLE_HASH_LEN;
    if (labels.len)
        memcpy(e.label, labels.p, labels.len);
    for (size_t i = 1; i < e.label_count; i++)
        if (order(&e.label[i - 1], &e.label[i]) >= 0)
            return IC_ERR_MALFORMED;
    *out = e;
    return IC_OK;
}

ic_err ic_merkle_entry_encode(const struct ic_merkle_entry *e, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    ic_write_u8(&w, IC_MERKLE_ENTRY_VERSION);
    ic_write_u64(&w, e->time_ms);
    ic_write_bytes(&w, ic_merkle_hash_view(&e->issuer));
    ic_write_bytes(&w, ic_merkle_hash_view(&e->certificate));
    ic_write_vec(&w, ic_view(e->label, e->label_count * IC_MERKLE_HASH_LEN));
    return ic_writer_end(&w);
}
