/* The services that make a core a server: call once, after icd_core_new and before the first frame.
 *
 *     IC_TRY(icd_store_open(":memory:", why, &store));       // server/store/store.h
 *     IC_TRY(icd_core_new(&config, now_ms, &core));
 *     icd_services_register(core);
 */
#ifndef ICD_SERVICES_H
#define ICD_SERVICES_H

struct icd_core;

void icd_services_register(struct icd_core *core);

#endif
