/* The directory's door: hello, who enters which meeting, the lobby. docs/protocol/client.md */
#ifndef ICD_LOBBY_H
#define ICD_LOBBY_H

struct icd_core;

void icd_lobby_register(struct icd_core *core);

#endif
