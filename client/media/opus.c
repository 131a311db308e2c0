#include "codec.h"

#include <ic/base/mem.h>
#include <math.h>
#include <opus/opus.h>

enum { OPUS_FRAME_MAX = 1275 };

struct icc_opus_encoder {
    OpusEncoder *opus;
    uint8_t frame[OPUS_FRAME_MAX];
};

struct icc_opus_decoder {
    OpusDecoder *opus;
};

ic_err icc_opus_encoder_new(int bits_per_second, struct icc_opus_encoder **out)
{
    struct icc_opus_encoder *e = ic_new(struct icc_opus_encoder);
    if (!e)
        return IC_ERR_NOMEM;
    int err = OPUS_OK;
    e->opus = opus_encoder_create(ICC_AUDIO_RATE_HZ, 1, OPUS_APPLICATION_VOIP, &err);
    if (err == OPUS_OK)
        err = opus_encoder_ctl(e->opus, OPUS_SET_BITRATE(bits_per_second));
    if (err == OPUS_OK)
        err = opus_encoder_ctl(e->opus, OPUS_SET_VBR(0));
    if (err == OPUS_OK)
        err = opus_encoder_ctl(e->opus, OPUS_SET_COMPLEXITY(5));
    if (err != OPUS_OK) {
        icc_opus_encoder_free(e);
        return IC_ERR_UNSUPPORTED;
    }
    *out = e;
    return IC_OK;
}

void icc_opus_encoder_free(struct icc_opus_encoder *e)
{
    if (!e)
        return;
    if (e->opus)
        opus_encoder_destroy(e->opus);
    ic_free(e);
}

ic_err icc_opus_encode(struct icc_opus_encoder *e, const int16_t pcm[ICC_AUDIO_FRAME],
                       struct ic_view *out)
{
    int n = opus_encode(e->opus, pcm, ICC_AUDIO_FRAME, e->frame, sizeof e->frame);
    if (n < 1)
        return IC_ERR_MALFORMED;
    *out = ic_view(e->frame, (size_t)n);
    return IC_OK;
}

ic_err icc_opus_decoder_new(struct icc_opus_decoder **out)
{
    struct icc_opus_decoder *d = ic_new(struct icc_opus_decoder);
    if (!d)
        return IC_ERR_NOMEM;
    int err = OPUS_OK;
    d->opus = opus_decoder_create(ICC_AUDIO_RATE_HZ, 1, &err);
    if (err != OPUS_OK) {
        ic_free(d);
        return IC_ERR_NOMEM;
    }
    *out = d;
    return IC_OK;
}

void icc_opus_decoder_free(struct icc_opus_decoder *d)
{
    if (!d)
        return;
    opus_decoder_destroy(d->opus);
    ic_free(d);
}

ic_err icc_opus_decode(struct icc_opus_decoder *d, struct ic_view frame, int16_t *pcm, size_t room,
                       size_t *samples)
{
    int n = frame.len ? opus_decode(d->opus, frame.p, (opus_int32)frame.len, pcm, (int)room, 0)
                      : opus_decode(d->opus, NULL, 0, pcm, ICC_AUDIO_FRAME, 0);
    if (n < 0)
        return IC_ERR_MALFORMED;
    *samples = (size_t)n;
    return IC_OK;
}

uint8_t icc_audio_level(const int16_t pcm[ICC_AUDIO_FRAME])
{
    double sum = 0;
    for (size_t i = 0; i < ICC_AUDIO_FRAME; i++)
        sum += (double)pcm[i] * pcm[i];
    double rms = sqrt(sum / ICC_AUDIO_FRAME) / 32767.0;
    double level = rms > 0 ? -20.0 * log10(rms) : 127;
    return level < 0 ? 0 : level > 127 ? 127 : (uint8_t)level;
}
