/* The delivery service of a meeting's group: one total order of commits, proposals and application
 * messages, the first valid commit of an epoch wins, everything durable before it is acknowledged.
 *
 * It refuses early what members would refuse: it checks what an outsider can (ic/mlspub, ic/rules), and
 * members check again. docs/protocol/client.md
 */
#ifndef ICD_DELIVERY_H
#define ICD_DELIVERY_H

struct icd_core;

void icd_delivery_register(struct icd_core *core);

#endif
