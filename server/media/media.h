/* Media control: passes offers and wishes to the forwarder behind icd/media.h, and its answers back. */
#ifndef ICD_MEDIA_SERVICE_H
#define ICD_MEDIA_SERVICE_H

struct icd_core;

void icd_media_register(struct icd_core *core);

#endif
