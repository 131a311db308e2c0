#include "queue.h"

void icd_sfu_queue_init(struct icd_sfu_queue *q)
{
    atomic_init(&q->stub.next, NULL);
    atomic_init(&q->head, &q->stub);
    q->tail = &q->stub;
}

void icd_sfu_queue_push(struct icd_sfu_queue *q, struct icd_sfu_node *n)
{
    atomic_store_explicit(&n->next, NULL, memory_order_relaxed);
    struct icd_sfu_node *before = atomic_exchange_explicit(&q->head, n, memory_order_acq_rel);
    atomic_store_explicit(&before->next, n, memory_order_release);
}

struct icd_sfu_node *icd_sfu_queue_pop(struct icd_sfu_queue *q)
{
    struct icd_sfu_node *tail = q->tail;
    struct icd_sfu_node *next = atomic_load_explicit(&tail->next, memory_order_acquire);
    if (tail == &q->stub) {
        if (!next)
            return NULL;
        q->tail = tail = next;
        next = atomic_load_explicit(&tail->next, memory_order_acquire);
    }
    if (next) {
        q->tail = next;
        return tail;
    }
    if (tail != atomic_load_explicit(&q->head, memory_order_acquire))
        return NULL;
    /* The last one: the stub goes behind it, so that it can be taken out. */
    icd_sfu_queue_push(q, &q->stub);
    next = atomic_load_explicit(&tail->next, memory_order_acquire);
    if (!next)
        return NULL;
    q->tail = next;
    return tail;
}
