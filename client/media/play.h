/* Plays what is heard: one mixed stream to the default device, where there is one.
 *
 *     struct icc_play *p = icc_play_open();      // NULL: no device; the meeting goes on in silence
 *     icc_play_push(p, slot, pcm, samples);      // per receive slot, from one thread
 *     icc_play_close(p);
 */
#ifndef ICC_MEDIA_PLAY_H
#define ICC_MEDIA_PLAY_H

#include <stddef.h>
#include <stdint.h>

enum { ICC_PLAY_SLOTS = 8 };

struct icc_play;
struct icc_play *icc_play_open(void);
void icc_play_close(struct icc_play *p);
/* slot < ICC_PLAY_SLOTS; 48 kHz mono. Late or too much sound is dropped, never waited for. */
void icc_play_push(struct icc_play *p, size_t slot, const int16_t *pcm, size_t samples);

#endif
