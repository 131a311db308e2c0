#include "ring.h"

struct icd_sfu_crossing *icd_sfu_ring_claim(struct icd_sfu_ring *r)
{
    size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
    size_t head = atomic_load_explicit(&r->head, memory_order_acquire);
    return tail - head == ICD_SFU_RING_LEN ? NULL : &r->slots[tail % ICD_SFU_RING_LEN];
}

void icd_sfu_ring_commit(struct icd_sfu_ring *r)
{
    size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
    atomic_store_explicit(&r->tail, tail + 1, memory_order_release);
}

struct icd_sfu_crossing *icd_sfu_ring_peek(struct icd_sfu_ring *r)
{
    size_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
    size_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);
    return head == tail ? NULL : &r->slots[head % ICD_SFU_RING_LEN];
}

void icd_sfu_ring_release(struct icd_sfu_ring *r)
{
    size_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
    atomic_store_explicit(&r->head, head + 1, memory_order_release);
}
