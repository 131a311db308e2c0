#include "srtp.h"
#include "window.h"
#include <ic/base/mem.h>
#include <ic/crypto/aead.h>
#include <ic/rtc/rtp.h>
#include <string.h>

enum {
    TAG = IC_AEAD_TAG_LEN,
    SALT = 12,
    RTCP_HEADER = 8,
    RTCP_MIN = RTCP_HEADER + TAG + 4,
};
#define INDEX_MAX (((uint64_t)1 << 48) - 1)
#define RTCP_INDEX_MAX 0x7fffffffu
#define RTCP_ENCRYPTED 0x80000000u

struct stream {
    struct ic_rtc_window rtp, rtcp;
    uint32_t next_rtcp; /* sending */
};

struct ic_rtc_srtp {
    struct ic_aead *rtp, *rtcp;
    uint8_t rtp_salt[SALT], rtcp_salt[SALT];
    size_t max, count, last;
    uint32_t *ssrcs; /* apart from the streams: searching stays in few cache lines */
    struct stream *streams;
};

ic_err ic_rtc_srtp_derive(struct ic_view key, struct ic_view salt, uint8_t label, uint8_t *out,
                          size_t len)
{
    /* RFC 7714 section 11: the 96-bit salt stands in the high bits of the 112. */
    uint8_t iv[16] = {0};
    struct ic_aes_ctr *prf;
    memcpy(iv, salt.p, SALT);
    iv[7] ^= label;
    IC_TRY(ic_aes_ctr_new(key, &prf));
    memset(out, 0, len);
    ic_err e = ic_aes_ctr_xor(prf, IC_VIEW_ARRAY(iv), ic_view(out, len), out);
    ic_aes_ctr_free(prf);
    ic_wipe(iv, sizeof iv);
    return e;
}

static ic_err set_up(struct ic_rtc_srtp *s, enum ic_aead_id id,
                     const struct ic_rtc_srtp_session *session, size_t max)
{
    s->max = max;
    s->ssrcs = ic_new_array(max, uint32_t);
    s->streams = ic_new_array(max, struct stream);
    if (!s->ssrcs || !s->streams)
        return IC_ERR_NOMEM;
    memcpy(s->rtp_salt, session->rtp_salt.p, SALT);
    memcpy(s->rtcp_salt, session->rtcp_salt.p, SALT);
    IC_TRY(ic_aead_new(id, session->rtp_key, &s->rtp));
    return ic_aead_new(id, session->rtcp_key, &s->rtcp);
}

ic_err ic_rtc_srtp_new_session(enum ic_rtc_srtp_profile profile,
                               const struct ic_rtc_srtp_session *session, size_t max_ssrcs,
                               struct ic_rtc_srtp **out)
{
    enum ic_aead_id id = profile == IC_RTC_SRTP_AES_256_GCM ? IC_AES_256_GCM : IC_AES_128_GCM;
    if (max_ssrcs == 0 || max_ssrcs > IC_RTC_SRTP_SSRCS_MAX)
        return IC_ERR_ARG;
    if (session->rtp_salt.len != SALT || session->rtcp_salt.len != SALT)
        return IC_ERR_KEY;
    struct ic_rtc_srtp *s = ic_new(struct ic_rtc_srtp);
    if (!s)
        return IC_ERR_NOMEM;
    ic_err e = set_up(s, id, session, max_ssrcs);
    if (e != IC_OK)
        ic_rtc_srtp_free(s);
    else
        *out = s;
    return e;
}

/* RFC 3711 section 4.3.2: labels 0 and 2 for RTP, 3 and 5 for RTCP. */
ic_err ic_rtc_srtp_new(enum ic_rtc_srtp_profile profile, struct ic_view key, struct ic_view salt,
                       size_t max_ssrcs, struct ic_rtc_srtp **out)
{
    size_t key_len = profile == IC_RTC_SRTP_AES_256_GCM ? 32 : 16;
    uint8_t b[4][32];
    if (profile != IC_RTC_SRTP_AES_256_GCM && profile != IC_RTC_SRTP_AES_128_GCM)
        return IC_ERR_UNSUPPORTED;
    if (key.len != key_len || salt.len != SALT)
        return IC_ERR_KEY;
    ic_err e = ic_rtc_srtp_derive(key, salt, 0, b[0], key_len);
    if (e == IC_OK)
        e = ic_rtc_srtp_derive(key, salt, 2, b[1], SALT);
    if (e == IC_OK)
        e = ic_rtc_srtp_derive(key, salt, 3, b[2], key_len);
    if (e == IC_OK)
        e = ic_rtc_srtp_derive(key, salt, 5, b[3], SALT);
    struct ic_rtc_srtp_session session = {ic_view(b[0], key_len), ic_view(b[1], SALT),
                                          ic_view(b[2], key_len), ic_view(b[3], SALT)};
    if (e == IC_OK)
        e = ic_rtc_srtp_new_session(profile, &session, max_ssrcs, out);
    ic_wipe(b, sizeof b);
    return e;
}

void ic_rtc_srtp_free(struct ic_rtc_srtp *s)
{
    if (!s)
        return;
    ic_aead_free(s->rtp);
    ic_aead_free(s->rtcp);
    ic_free(s->ssrcs);
    ic_free(s->streams);
    ic_free_secret(s, sizeof *s);
}

static struct stream *find(struct ic_rtc_srtp *s, uint32_t ssrc)
{
    if (s->last < s->count && s->ssrcs[s->last] == ssrc)
        return &s->streams[s->last];
    for (size_t i = 0; i < s->count; i++)
        if (s->ssrcs[i] == ssrc) {
            s->last = i;
            return &s->streams[i];
        }
    return NULL;
}

static ic_err find_or_add(struct ic_rtc_srtp *s, uint32_t ssrc, struct stream **out)
{
    *out = find(s, ssrc);
    if (*out)
        return IC_OK;
    if (s->count == s->max)
        return IC_ERR_LIMIT;
    s->last = s->count;
    s->ssrcs[s->count] = ssrc;
    *out = &s->streams[s->count++];
    **out = (struct stream){0};
    return IC_OK;
}

void ic_rtc_srtp_forget(struct ic_rtc_srtp *s, uint32_t ssrc)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->ssrcs[i] == ssrc) {
            s->count--;
            s->ssrcs[i] = s->ssrcs[s->count];
            s->streams[i] = s->streams[s->count];
            return;
        }
}

/* RFC 7714 section 8.1: 00 00 SSRC ROC SEQ, xor salt. */
static void rtp_nonce(const uint8_t *salt, uint32_t ssrc, uint64_t index, uint8_t *nonce)
{
    uint8_t n[SALT] = {0};
    ic_store_u32(n + 2, ssrc);
    ic_store_u32(n + 6, (uint32_t)(index >> 16));
    ic_store_u16(n + 10, (uint16_t)index);
    for (int i = 0; i < SALT; i++)
        nonce[i] = n[i] ^ salt[i];
}

/* RFC 7714 section 9.1: 00 00 SSRC 00 00 index, xor salt. */
static void rtcp_nonce(const uint8_t *salt, uint32_t ssrc, uint32_t index, uint8_t *nonce)
{
    uint8_t n[SALT] = {0};
    ic_store_u32(n + 2, ssrc);
    ic_store_u32(n + 8, index);
    for (int i = 0; i < SALT; i++)
        nonce[i] = n[i] ^ salt[i];
}

static ic_err seal(struct ic_rtc_srtp *s, uint8_t *packet, size_t len, size_t header, uint32_t ssrc,
                   uint64_t index, size_t *out_len)
{
    uint8_t nonce[SALT];
    rtp_nonce(s->rtp_salt, ssrc, index, nonce);
    IC_TRY(ic_aead_seal(s->rtp, IC_VIEW_ARRAY(nonce), ic_view(packet, header),
                        ic_view(packet + header, len - header), packet + header));
    *out_len = len + TAG;
    return IC_OK;
}

ic_err ic_rtc_srtp_protect_at(struct ic_rtc_srtp *s, uint8_t *packet, size_t len, uint64_t index,
                              size_t *out_len)
{
    size_t header;
    struct stream *st;
    IC_TRY(ic_rtc_rtp_header_len(ic_view(packet, len), &header));
    if (ic_load_u16(packet + 2) != (uint16_t)index)
        return IC_ERR_ARG;
    if (index > INDEX_MAX)
        return IC_ERR_LIMIT;
    uint32_t ssrc = ic_load_u32(packet + 8);
    IC_TRY(find_or_add(s, ssrc, &st));
    if (!ic_rtc_window_check(&st->rtp, index))
        return IC_ERR_REPLAY;
    /* Marked first: should sealing fail half-way, the index is spent all the same. */
    ic_rtc_window_mark(&st->rtp, index);
    return seal(s, packet, len, header, ssrc, index, out_len);
}

ic_err ic_rtc_srtp_protect(struct ic_rtc_srtp *s, uint8_t *packet, size_t len, size_t *out_len)
{
    if (len < 12)
        return IC_ERR_TRUNCATED;
    const struct stream *st = find(s, ic_load_u32(packet + 8));
    uint16_t seq = ic_load_u16(packet + 2);
    uint64_t index = st && st->rtp.started ? ic_rtc_seq_extend(st->rtp.highest, seq) : seq;
    return ic_rtc_srtp_protect_at(s, packet, len, index, out_len);
}

ic_err ic_rtc_srtp_protect_again(struct ic_rtc_srtp *s, uint8_t *packet, size_t len, uint64_t index,
                                 size_t *out_len)
{
    size_t header;
    IC_TRY(ic_rtc_rtp_header_len(ic_view(packet, len), &header));
    uint32_t ssrc = ic_load_u32(packet + 8);
    const struct stream *st = find(s, ssrc);
    if (!st || ic_rtc_window_check(&st->rtp, index) || ic_load_u16(packet + 2) != (uint16_t)index)
        return IC_ERR_ARG;
    return seal(s, packet, len, header, ssrc, index, out_len);
}

ic_err ic_rtc_srtp_unprotect(struct ic_rtc_srtp *s, uint8_t *packet, size_t len, size_t *out_len,
                             uint64_t *index)
{
    size_t header;
    uint8_t nonce[SALT];
    IC_TRY(ic_rtc_rtp_header_len(ic_view(packet, len), &header));
    if (len < header + TAG)
        return IC_ERR_TRUNCATED;
    uint32_t ssrc = ic_load_u32(packet + 8);
    uint16_t seq = ic_load_u16(packet + 2);
    struct stream *st = find(s, ssrc);
    if (!st && s->count == s->max)
        return IC_ERR_LIMIT;
    uint64_t i = st && st->rtp.started ? ic_rtc_seq_extend(st->rtp.highest, seq) : seq;
    if (i > INDEX_MAX)
        return IC_ERR_LIMIT;
    if (st && !ic_rtc_window_check(&st->rtp, i))
        return IC_ERR_REPLAY;
    rtp_nonce(s->rtp_salt, ssrc, i, nonce);
    IC_TRY(ic_aead_open(s->rtp, IC_VIEW_ARRAY(nonce), ic_view(packet, header),
                        ic_view(packet + header, len - header), packet + header));
    IC_TRY(find_or_add(s, ssrc, &st));
    ic_rtc_window_mark(&st->rtp, i);
    *out_len = len - TAG;
    if (index)
        *index = i;
    return IC_OK;
}

/* RFC 7714 section 9.2: header and the word with the index are authenticated, the rest is encrypted. */
static void rtcp_aad(const uint8_t *packet, uint32_t word, uint8_t *aad)
{
    memcpy(aad, packet, RTCP_HEADER);
    ic_store_u32(aad + RTCP_HEADER, word);
}

ic_err ic_rtc_srtcp_protect(struct ic_rtc_srtp *s, uint8_t *packet, size_t len, size_t *out_len)
{
    uint8_t nonce[SALT], aad[RTCP_HEADER + 4];
    struct stream *st;
    if (len < RTCP_HEADER)
        return IC_ERR_TRUNCATED;
    uint32_t ssrc = ic_load_u32(packet + 4);
    IC_TRY(find_or_add(s, ssrc, &st));
    if (st->next_rtcp > RTCP_INDEX_MAX)
        return IC_ERR_LIMIT;
    uint32_t index = st->next_rtcp++;
    rtcp_nonce(s->rtcp_salt, ssrc, index, nonce);
    rtcp_aad(packet, index | RTCP_ENCRYPTED, aad);
    IC_TRY(ic_aead_seal(s->rtcp, IC_VIEW_ARRAY(nonce), IC_VIEW_ARRAY(aad),
                        ic_view(packet + RTCP_HEADER, len - RTCP_HEADER), packet + RTCP_HEADER));
    ic_store_u32(packet + len + TAG, index | RTCP_ENCRYPTED);
    *out_len = len + TAG + 4;
    return IC_OK;
}

ic_err ic_rtc_srtcp_unprotect(struct ic_rtc_srtp *s, uint8_t *packet, size_t len, size_t *out_len)
{
    uint8_t nonce[SALT], aad[RTCP_HEADER + 4];
    if (len < RTCP_MIN)
        return IC_ERR_TRUNCATED;
    uint32_t word = ic_load_u32(packet + len - 4);
    uint32_t ssrc = ic_load_u32(packet + 4);
    /* Unencrypted SRTCP is never negotiated here. */
    if ((word & RTCP_ENCRYPTED) == 0 || packet[0] >> 6 != 2)
        return IC_ERR_MALFORMED;
    struct stream *st = find(s, ssrc);
    if (!st && s->count == s->max)
        return IC_ERR_LIMIT;
    uint32_t index = word & RTCP_INDEX_MAX;
    if (st && !ic_rtc_window_check(&st->rtcp, index))
        return IC_ERR_REPLAY;
    rtcp_nonce(s->rtcp_salt, ssrc, index, nonce);
    rtcp_aad(packet, word, aad);
    IC_TRY(ic_aead_open(s->rtcp, IC_VIEW_ARRAY(nonce), IC_VIEW_ARRAY(aad),
                        ic_view(packet + RTCP_HEADER, len - 4 - RTCP_HEADER),
                        packet + RTCP_HEADER));
    IC_TRY(find_or_add(s, ssrc, &st));
    ic_rtc_window_mark(&st->rtcp, index);
    *out_len = len - TAG - 4;
    return IC_OK;
}
