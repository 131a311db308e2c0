#ifndef ICD_DELIVERY_PRIVATE_H
#define ICD_DELIVERY_PRIVATE_H

#include "core/group.h"

void icd_delivery_on_create(struct icd_core *core, struct icd_conn *c,
                            const struct ic_wire_frame *f);
void icd_delivery_on_commit(struct icd_core *core, struct icd_conn *c,
                            const struct ic_wire_frame *f);
void icd_delivery_on_propose(struct icd_core *core, struct icd_conn *c,
                             const struct ic_wire_frame *f);
void icd_delivery_on_send(struct icd_core *core, struct icd_conn *c, const struct ic_wire_frame *f);
void icd_delivery_on_fetch(struct icd_core *core, struct icd_conn *c,
                           const struct ic_wire_frame *f);
void icd_delivery_on_tree(struct icd_core *core, struct icd_conn *c, const struct ic_wire_frame *f);
void icd_delivery_on_group_info(struct icd_core *core, struct icd_conn *c,
                                const struct ic_wire_frame *f);
void icd_delivery_on_cannot_apply(struct icd_core *core, struct icd_conn *c,
                                  const struct ic_wire_frame *f);
/* Whether all who can judge it have reported the last commit now; makes it void then. */
void icd_delivery_judge_reports(struct icd_core *core, struct icd_room *room,
                                const struct icd_conn *leaving, struct ic_view rule);

/* The connection's group where the frame means it, else answers and gives NULL. */
struct icd_group *icd_delivery_group(struct icd_core *core, struct icd_conn *c, uint32_t request,
                                     struct ic_view group_id);
/* Answers with what the error means for a client; text may be NULL. */
void icd_delivery_refuse(struct icd_core *core, struct icd_conn *c, uint32_t request, ic_err e,
                         const char *text);
/* It has spoken in the group: the Welcome kept for it is not needed any more. */
void icd_delivery_welcome_done(struct icd_core *core, struct icd_conn *c);

#endif
