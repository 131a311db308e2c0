/* An intrusive queue, many producers, one consumer, without a lock (after D. Vyukov's description). */
#ifndef ICD_SFU_QUEUE_H
#define ICD_SFU_QUEUE_H

#include <stdatomic.h>
#include <stddef.h>

struct icd_sfu_node {
    _Atomic(struct icd_sfu_node *) next;
};
struct icd_sfu_queue {
    _Atomic(struct icd_sfu_node *) head; /* producers */
    struct icd_sfu_node *tail;           /* the consumer */
    struct icd_sfu_node stub;
};

void icd_sfu_queue_init(struct icd_sfu_queue *q);
/* From any thread. The node belongs to the queue until it is popped. */
void icd_sfu_queue_push(struct icd_sfu_queue *q, struct icd_sfu_node *n);
/* The consumer's. NULL where it is empty, or a producer is half-way: it wakes the consumer afterwards. */
struct icd_sfu_node *icd_sfu_queue_pop(struct icd_sfu_queue *q);

#endif
