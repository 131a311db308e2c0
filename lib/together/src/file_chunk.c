/* The chunks of a file: where they are, what binds them, and the two objects that seal and open them. */
#include <ic/together/file.h>

#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <ic/crypto/aead.h>
#include <ic/crypto/hash.h>
#include <string.h>

static const char label[] = "InCamera File 1";

struct ic_together_sealer {
    struct ic_together_file f;
    struct ic_aead *aead;
    struct ic_hash hash;
    uint64_t next;
    bool ended;
};

struct ic_together_opener {
    struct ic_together_file f;
    struct ic_aead *aead;
    struct ic_hash hash;
    uint64_t next;
    bool ended;
    enum ic_together_fault fault;
    uint64_t fault_at;
};

/* ---- sizes ---- */

uint64_t ic_together_file_chunks(const struct ic_together_file *f)
{
    return f->size == 0 ? 1 : (f->size + f->chunk - 1) / f->chunk;
}

uint64_t ic_together_file_sealed_size(const struct ic_together_file *f)
{
    return f->size + ic_together_file_chunks(f) * IC_TOGETHER_FILE_TAG;
}

size_t ic_together_file_chunk_len(const struct ic_together_file *f, uint64_t i)
{
    assert(i < ic_together_file_chunks(f));
    uint64_t left = f->size - i * f->chunk;
    return left < f->chunk ? (size_t)left : f->chunk;
}

uint64_t ic_together_file_chunk_at(const struct ic_together_file *f, uint64_t i)
{
    return i * ((uint64_t)f->chunk + IC_TOGETHER_FILE_TAG);
}

static bool is_last(const struct ic_together_file *f, uint64_t i)
{
    return i + 1 == ic_together_file_chunks(f);
}

void ic_together_file_nonce(const struct ic_together_file *f, uint64_t i,
                            uint8_t out[IC_TOGETHER_FILE_NONCE])
{
    memset(out, 0, IC_TOGETHER_FILE_NONCE);
    out[0] = is_last(f, i);
    ic_store_u64(out + 4, i);
}

void ic_together_file_aad(const struct ic_together_file *f, uint64_t i,
                          uint8_t out[IC_TOGETHER_FILE_AAD])
{
    enum {
        ID = sizeof label - 1,
        SIZE = ID + IC_TOGETHER_FILE_ID,
        CHUNK = SIZE + 8,
        AT = CHUNK + 4
    };
    _Static_assert(AT + 8 + 1 == IC_TOGETHER_FILE_AAD, "label, id, size, chunk, index, last");
    memcpy(out, label, ID);
    memcpy(out + ID, f->id, IC_TOGETHER_FILE_ID);
    ic_store_u64(out + SIZE, f->size);
    ic_store_u32(out + CHUNK, f->chunk);
    ic_store_u64(out + AT, i);
    out[AT + 8] = is_last(f, i);
}

static ic_err check_sizes(const struct ic_together_file *f)
{
    return f->size <= IC_TOGETHER_FILE_SIZE_MAX && f->chunk >= IC_TOGETHER_FILE_CHUNK_MIN &&
                   f->chunk <= IC_TOGETHER_FILE_CHUNK_MAX
               ? IC_OK
               : IC_ERR_RANGE;
}

/* ---- sealing ---- */

ic_err ic_together_sealer_new(const struct ic_together_file *f, struct ic_together_sealer **out)
{
    IC_TRY(check_sizes(f));
    struct ic_together_sealer *s = ic_new(struct ic_together_sealer);
    if (!s)
        return IC_ERR_NOMEM;
    ic_err e = ic_aead_new(IC_AES_256_GCM, IC_VIEW_ARRAY(f->key), &s->aead);
    if (e != IC_OK) {
        ic_free(s);
        return e;
    }
    s->f = *f;
    ic_hash_init(&s->hash, IC_SHA256);
    *out = s;
    return IC_OK;
}

void ic_together_sealer_free(struct ic_together_sealer *s)
{
    if (!s)
        return;
    ic_aead_free(s->aead);
    ic_hash_clear(&s->hash);
    ic_free_secret(s, sizeof *s);
}

uint64_t ic_together_sealer_next(const struct ic_together_sealer *s)
{
    return s->next;
}

static ic_err may_seal(const struct ic_together_sealer *s, size_t plain_len)
{
    if (s->next == ic_together_file_chunks(&s->f))
        return IC_ERR_STATE;
    return plain_len == ic_together_file_chunk_len(&s->f, s->next) ? IC_OK : IC_ERR_RANGE;
}

static void sealed_one(struct ic_together_sealer *s, struct ic_view sealed)
{
    ic_hash_update(&s->hash, sealed);
    s->next++;
}

ic_err ic_together_seal(struct ic_together_sealer *s, struct ic_view plain, uint8_t *out)
{
    uint8_t nonce[IC_TOGETHER_FILE_NONCE], aad[IC_TOGETHER_FILE_AAD];
    IC_TRY(may_seal(s, plain.len));
    ic_together_file_nonce(&s->f, s->next, nonce);
    ic_together_file_aad(&s->f, s->next, aad);
    IC_TRY(ic_aead_seal(s->aead, IC_VIEW_ARRAY(nonce), IC_VIEW_ARRAY(aad), plain, out));
    sealed_one(s, ic_view(out, plain.len + IC_TOGETHER_FILE_TAG));
    return IC_OK;
}

ic_err ic_together_sealer_took(struct ic_together_sealer *s, struct ic_view sealed)
{
    if (sealed.len < IC_TOGETHER_FILE_TAG)
        return IC_ERR_RANGE;
    IC_TRY(may_seal(s, sealed.len - IC_TOGETHER_FILE_TAG));
    sealed_one(s, sealed);
    return IC_OK;
}

ic_err ic_together_sealer_end(struct ic_together_sealer *s, uint8_t digest[IC_TOGETHER_FILE_DIGEST])
{
    if (s->ended || s->next != ic_together_file_chunks(&s->f))
        return IC_ERR_STATE;
    s->ended = true;
    ic_hash_final(&s->hash, digest);
    return IC_OK;
}

/* ---- opening ---- */

const char *ic_together_fault_name(enum ic_together_fault fault)
{
    static const char *const names[] = {"", "bad-chunk", "truncated", "too-long", "wrong-digest"};
    return (size_t)fault < IC_ARRAY_LEN(names) ? names[fault] : "";
}

ic_err ic_together_opener_new(const struct ic_together_file *f, struct ic_together_opener **out)
{
    IC_TRY(check_sizes(f));
    struct ic_together_opener *o = ic_new(struct ic_together_opener);
    if (!o)
        return IC_ERR_NOMEM;
    ic_err e = ic_aead_new(IC_AES_256_GCM, IC_VIEW_ARRAY(f->key), &o->aead);
    if (e != IC_OK) {
        ic_free(o);
        return e;
    }
    o->f = *f;
    ic_hash_init(&o->hash, IC_SHA256);
    *out = o;
    return IC_OK;
}

void ic_together_opener_free(struct ic_together_opener *o)
{
    if (!o)
        return;
    ic_aead_free(o->aead);
    ic_hash_clear(&o->hash);
    ic_free_secret(o, sizeof *o);
}

uint64_t ic_together_opener_next(const struct ic_together_opener *o)
{
    return o->next;
}

bool ic_together_opener_whole(const struct ic_together_opener *o)
{
    return o->next == ic_together_file_chunks(&o->f);
}

static ic_err fault(struct ic_together_opener *o, enum ic_together_fault what, ic_err e)
{
    o->fault = what;
    o->fault_at = o->next;
    return e;
}

static ic_err check_len(struct ic_together_opener *o, size_t len)
{
    if (ic_together_opener_whole(o))
        return fault(o, IC_TOGETHER_LONG, IC_ERR_TRAILING);
    size_t want = ic_together_file_chunk_len(&o->f, o->next) + IC_TOGETHER_FILE_TAG;
    if (len < want)
        return fault(o, IC_TOGETHER_SHORT, IC_ERR_TRUNCATED);
    return len > want ? fault(o, IC_TOGETHER_LONG, IC_ERR_TRAILING) : IC_OK;
}

static ic_err opened_one(struct ic_together_opener *o, struct ic_view sealed)
{
    ic_hash_update(&o->hash, sealed);
    o->next++;
    o->fault = IC_TOGETHER_FINE;
    return IC_OK;
}

ic_err ic_together_open(struct ic_together_opener *o, struct ic_view sealed, uint8_t *out)
{
    uint8_t nonce[IC_TOGETHER_FILE_NONCE], aad[IC_TOGETHER_FILE_AAD];
    IC_TRY(check_len(o, sealed.len));
    ic_together_file_nonce(&o->f, o->next, nonce);
    ic_together_file_aad(&o->f, o->next, aad);
    struct ic_hash before = o->hash;
    /* Hashed first: out may be the very bytes of sealed. */
    ic_hash_update(&o->hash, sealed);
    ic_err e = ic_aead_open(o->aead, IC_VIEW_ARRAY(nonce), IC_VIEW_ARRAY(aad), sealed, out);
    if (e != IC_OK) {
        o->hash = before;
        return e == IC_ERR_AUTH ? fault(o, IC_TOGETHER_BAD_CHUNK, e) : e;
    }
    o->next++;
    o->fault = IC_TOGETHER_FINE;
    return IC_OK;
}

ic_err ic_together_opener_took(struct ic_together_opener *o, struct ic_view sealed, bool ok)
{
    IC_TRY(check_len(o, sealed.len));
    return ok ? opened_one(o, sealed) : fault(o, IC_TOGETHER_BAD_CHUNK, IC_ERR_AUTH);
}

ic_err ic_together_opener_end(struct ic_together_opener *o)
{
    uint8_t digest[IC_TOGETHER_FILE_DIGEST];
    if (o->ended)
        return IC_ERR_STATE;
    if (!ic_together_opener_whole(o))
        return fault(o, IC_TOGETHER_SHORT, IC_ERR_TRUNCATED);
    o->ended = true;
    ic_hash_final(&o->hash, digest);
    if (ic_ct_equal(IC_VIEW_ARRAY(digest), IC_VIEW_ARRAY(o->f.digest)))
        return IC_OK;
    return fault(o, IC_TOGETHER_DIGEST, IC_ERR_AUTH);
}

enum ic_together_fault ic_together_opener_fault(const struct ic_together_opener *o, uint64_t *chunk)
{
    *chunk = o->fault_at;
    return o->fault;
}
