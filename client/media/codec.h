/* Opus and VP8 with the settings of a meeting: low delay, key frames on demand, loss in mind.
 *
 * One object, one thread. Encoded frames are borrowed until the next call on the object.
 */
#ifndef ICC_MEDIA_CODEC_H
#define ICC_MEDIA_CODEC_H

#include "source.h"

#include <ic/base/bytes.h>
#include <ic/base/err.h>

struct icc_opus_encoder;
/* Constant bit rate and no silence suppression: sizes and gaps of frames tell an onlooker nothing. */
ic_err icc_opus_encoder_new(int bits_per_second, struct icc_opus_encoder **out);
void icc_opus_encoder_free(struct icc_opus_encoder *e);
ic_err icc_opus_encode(struct icc_opus_encoder *e, const int16_t pcm[ICC_AUDIO_FRAME],
                       struct ic_view *out);

struct icc_opus_decoder;
ic_err icc_opus_decoder_new(struct icc_opus_decoder **out);
void icc_opus_decoder_free(struct icc_opus_decoder *d);
/* An empty frame conceals a lost one. samples: how many were written, at most room. */
ic_err icc_opus_decode(struct icc_opus_decoder *d, struct ic_view frame, int16_t *pcm, size_t room,
                       size_t *samples);

struct icc_vp8_encoder;
ic_err icc_vp8_encoder_new(int width, int height, int fps, int bits_per_second,
                           struct icc_vp8_encoder **out);
void icc_vp8_encoder_free(struct icc_vp8_encoder *e);
/* pts counts frames. key asks for a key frame and tells whether it is one. IC_ERR_AGAIN: frame dropped. */
ic_err icc_vp8_encode(struct icc_vp8_encoder *e, const struct icc_picture *p, int64_t pts,
                      bool *key, struct ic_view *out);

struct icc_vp8_decoder;
ic_err icc_vp8_decoder_new(struct icc_vp8_decoder **out);
void icc_vp8_decoder_free(struct icc_vp8_decoder *d);
ic_err icc_vp8_decode(struct icc_vp8_decoder *d, struct ic_view frame, struct icc_picture *out);

/* Reads the frame header (RFC 6386 section 9.1): false where it is no key frame. */
bool icc_vp8_key_size(struct ic_view frame, int *width, int *height);
/* RFC 6464: 0 (loudest) to 127 (silence), of one frame of samples. */
uint8_t icc_audio_level(const int16_t pcm[ICC_AUDIO_FRAME]);

#endif
