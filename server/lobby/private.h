#ifndef ICD_LOBBY_PRIVATE_H
#define ICD_LOBBY_PRIVATE_H

#include "core/live.h"

/* Lobby state of a connection (knock.c). */
void icd_lobby_on_knock(struct icd_core *core, struct icd_conn *c, const struct ic_wire_frame *f);
void icd_lobby_on_refuse(struct icd_core *core, struct icd_conn *c, const struct ic_wire_frame *f);
/* Tells the connection who waits, where it is somebody who is told. */
void icd_lobby_show(struct icd_core *core, struct icd_conn *c);
/* The knock is no more: tells those who were told. why: enum ic_wire_gone. */
void icd_lobby_gone(struct icd_core *core, struct icd_conn *c, uint8_t why);
/* The connection of a host goes: who else is to hear of those that the terms admit? */
void icd_lobby_host_left(struct icd_core *core, struct icd_conn *host);

#endif
