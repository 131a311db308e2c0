#include "codec.h"

#include <ic/base/mem.h>
#include <vpx/vp8cx.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>
#include <vpx/vpx_encoder.h>

struct icc_vp8_encoder {
    vpx_codec_ctx_t vpx;
    bool ready;
};

struct icc_vp8_decoder {
    vpx_codec_ctx_t vpx;
};

/* Real time on a common machine: speed before looks, no look-ahead, drop rather than lag. */
static ic_err encoder_start(struct icc_vp8_encoder *e, int width, int height, int fps, int bits)
{
    vpx_codec_enc_cfg_t cfg;
    if (vpx_codec_enc_config_default(vpx_codec_vp8_cx(), &cfg, 0) != VPX_CODEC_OK)
        return IC_ERR_UNSUPPORTED;
    cfg.g_w = (unsigned)width;
    cfg.g_h = (unsigned)height;
    cfg.g_timebase.num = 1;
    cfg.g_timebase.den = fps;
    cfg.g_threads = 1;
    cfg.g_lag_in_frames = 0;
    cfg.g_error_resilient = VPX_ERROR_RESILIENT_DEFAULT;
    cfg.rc_end_usage = VPX_CBR;
    cfg.rc_target_bitrate = (unsigned)bits / 1000;
    cfg.rc_dropframe_thresh = 0;
    cfg.rc_buf_sz = 1000;
    cfg.rc_buf_initial_sz = 500;
    cfg.rc_buf_optimal_sz = 600;
    cfg.rc_min_quantizer = 4;
    cfg.rc_max_quantizer = 56;
    cfg.kf_mode = VPX_KF_AUTO;
    cfg.kf_max_dist = 3000; /* key frames come on demand */
    if (vpx_codec_enc_init(&e->vpx, vpx_codec_vp8_cx(), &cfg, 0) != VPX_CODEC_OK)
        return IC_ERR_UNSUPPORTED;
    e->ready = true;
    if (vpx_codec_control(&e->vpx, VP8E_SET_CPUUSED, -8) != VPX_CODEC_OK ||
        vpx_codec_control(&e->vpx, VP8E_SET_MAX_INTRA_BITRATE_PCT, 450u) != VPX_CODEC_OK)
        return IC_ERR_UNSUPPORTED;
    return IC_OK;
}

ic_err icc_vp8_encoder_new(int width, int height, int fps, int bits_per_second,
                           struct icc_vp8_encoder **out)
{
    struct icc_vp8_encoder *e = ic_new(struct icc_vp8_encoder);
    if (!e)
        return IC_ERR_NOMEM;
    ic_err err = encoder_start(e, width, height, fps, bits_per_second);
    if (err != IC_OK) {
        icc_vp8_encoder_free(e);
        return err;
    }
    *out = e;
    return IC_OK;
}

void icc_vp8_encoder_free(struct icc_vp8_encoder *e)
{
    if (!e)
        return;
    if (e->ready)
        vpx_codec_destroy(&e->vpx);
    ic_free(e);
}

ic_err icc_vp8_encode(struct icc_vp8_encoder *e, const struct icc_picture *p, int64_t pts,
                      bool *key, struct ic_view *out)
{
    vpx_image_t image;
    if (!vpx_img_wrap(&image, VPX_IMG_FMT_I420, (unsigned)p->width, (unsigned)p->height, 1,
                      (unsigned char *)(uintptr_t)p->plane[0]))
        return IC_ERR_ARG;
    for (int i = 0; i < 3; i++) {
        image.planes[i] = (unsigned char *)(uintptr_t)p->plane[i]; /* libvpx only reads them */
        image.stride[i] = p->stride[i];
    }
    vpx_enc_frame_flags_t flags = *key ? VPX_EFLAG_FORCE_KF : 0;
    if (vpx_codec_encode(&e->vpx, &image, pts, 1, flags, VPX_DL_REALTIME) != VPX_CODEC_OK)
        return IC_ERR_MALFORMED;
    vpx_codec_iter_t it = NULL;
    for (const vpx_codec_cx_pkt_t *pkt; (pkt = vpx_codec_get_cx_data(&e->vpx, &it));) {
        if (pkt->kind != VPX_CODEC_CX_FRAME_PKT)
            continue;
        *key = (pkt->data.frame.flags & VPX_FRAME_IS_KEY) != 0;
        *out = ic_view(pkt->data.frame.buf, pkt->data.frame.sz);
        return IC_OK;
    }
    return IC_ERR_AGAIN;
}

ic_err icc_vp8_decoder_new(struct icc_vp8_decoder **out)
{
    struct icc_vp8_decoder *d = ic_new(struct icc_vp8_decoder);
    if (!d)
        return IC_ERR_NOMEM;
    if (vpx_codec_dec_init(&d->vpx, vpx_codec_vp8_dx(), NULL, 0) != VPX_CODEC_OK) {
        ic_free(d);
        return IC_ERR_UNSUPPORTED;
    }
    *out = d;
    return IC_OK;
}

void icc_vp8_decoder_free(struct icc_vp8_decoder *d)
{
    if (!d)
        return;
    vpx_codec_destroy(&d->vpx);
    ic_free(d);
}

ic_err icc_vp8_decode(struct icc_vp8_decoder *d, struct ic_view frame, struct icc_picture *out)
{
    if (vpx_codec_decode(&d->vpx, frame.p, (unsigned)frame.len, NULL, 0) != VPX_CODEC_OK)
        return IC_ERR_MALFORMED;
    vpx_codec_iter_t it = NULL;
    const vpx_image_t *image = vpx_codec_get_frame(&d->vpx, &it);
    if (!image)
        return IC_ERR_AGAIN;
    *out = (struct icc_picture){.width = (int)image->d_w, .height = (int)image->d_h};
    for (int i = 0; i < 3; i++) {
        out->plane[i] = image->planes[i];
        out->stride[i] = image->stride[i];
    }
    return IC_OK;
}

bool icc_vp8_key_size(struct ic_view f, int *width, int *height)
{
    if (f.len < 10 || (f.p[0] & 1) != 0 || f.p[3] != 0x9d || f.p[4] != 0x01 || f.p[5] != 0x2a)
        return false;
    *width = (f.p[6] | f.p[7] << 8) & 0x3fff;
    *height = (f.p[8] | f.p[9] << 8) & 0x3fff;
    return true;
}
