/* Who is here: a lost connection is told at once, and after a while the server proposes the Remove of the
 * absent as external sender. Members commit it and see that the server asked for it. */
#ifndef ICD_PRESENCE_H
#define ICD_PRESENCE_H

struct icd_core;

void icd_presence_register(struct icd_core *core);

#endif
