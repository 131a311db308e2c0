/* One participant's stream, as it was encoded by its sender, into a playable WebM file.
 *
 *     struct icc_record *r;
 *     IC_TRY(icc_record_open(dir, "Ana", &r));
 *     icc_record_audio(r, opus_frame, rtp_timestamp, now_ms);
 *     icc_record_video(r, vp8_frame, rtp_timestamp, now_ms);
 *     icc_record_close(r, path, sizeof path);       // finishes the file
 *
 * The file begins when it is known what it holds: at the first key frame, or after a second and a half of
 * sound alone. Calls come from one thread. A full disk ends the recording with an error, not the meeting.
 */
#ifndef ICC_MEDIA_RECORD_H
#define ICC_MEDIA_RECORD_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <stdint.h>

struct icc_record;

/* dir is made if it is missing. The name is reduced to letters, digits, '-' and '_' for the file.
 * IC_ERR_IO. */
ic_err icc_record_open(const char *dir, const char *name, struct icc_record **out);
/* timestamp: RTP, 48 kHz. IC_ERR_IO once the file cannot be written any more. */
ic_err icc_record_audio(struct icc_record *r, struct ic_view frame, uint32_t timestamp,
                        uint64_t now_ms);
/* timestamp: RTP, 90 kHz. Pictures before the first key frame are not kept. */
ic_err icc_record_video(struct icc_record *r, struct ic_view frame, uint32_t timestamp,
                        uint64_t now_ms);
/* Finishes the file and frees r. path gets its name, or "" where nothing was recorded. Accepts NULL. */
void icc_record_close(struct icc_record *r, char *path, size_t path_len);

#endif
