#include "../src/queue.h"
#include "../src/ring.h"
#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum { PRODUCERS = 3, EACH = 20000 };

struct item {
    struct icd_sfu_node node;
    unsigned producer, number;
};
struct producer {
    struct icd_sfu_queue *queue;
    unsigned number;
};

static void *produce(void *arg)
{
    struct producer *p = arg;
    for (unsigned i = 0; i < EACH; i++) {
        struct item *it = ic_new(struct item);
        if (!it)
            abort();
        it->producer = p->number;
        it->number = i;
        icd_sfu_queue_push(p->queue, &it->node);
    }
    return NULL;
}

/* All arrive, those of one producer in order. */
TEST(queue_keeps_each_producers_order)
{
    struct icd_sfu_queue q;
    struct producer p[PRODUCERS];
    pthread_t threads[PRODUCERS];
    unsigned next[PRODUCERS] = {0}, got = 0, wrong = 0;
    icd_sfu_queue_init(&q);
    CHECK(!icd_sfu_queue_pop(&q));
    for (unsigned i = 0; i < PRODUCERS; i++) {
        p[i] = (struct producer){&q, i};
        CHECK_EQ_INT(pthread_create(&threads[i], NULL, produce, &p[i]), 0);
    }
    while (got < PRODUCERS * EACH) {
        struct item *it = (struct item *)icd_sfu_queue_pop(&q);
        if (!it) {
            sched_yield();
            continue;
        }
        wrong += it->number != next[it->producer]++;
        got++;
        ic_free(it);
    }
    for (unsigned i = 0; i < PRODUCERS; i++)
        pthread_join(threads[i], NULL);
    CHECK_EQ_INT(wrong, 0);
    CHECK(!icd_sfu_queue_pop(&q));
}

static void *cross(void *arg)
{
    struct icd_sfu_ring *r = arg;
    for (uint64_t i = 0; i < EACH;) {
        struct icd_sfu_crossing *c = icd_sfu_ring_claim(r);
        if (!c) {
            sched_yield();
            continue;
        }
        c->index = i;
        c->len = (uint16_t)(i % 1400);
        memset(c->bytes, (int)i, c->len);
        icd_sfu_ring_commit(r);
        i++;
    }
    return NULL;
}

TEST(ring_hands_over_whole_packets_in_order)
{
    struct icd_sfu_ring *r = ic_new(struct icd_sfu_ring);
    pthread_t thread;
    unsigned wrong = 0;
    CHECK(r && !icd_sfu_ring_peek(r));
    for (int i = 0; i < ICD_SFU_RING_LEN; i++) {
        CHECK(icd_sfu_ring_claim(r));
        icd_sfu_ring_commit(r);
    }
    CHECK(!icd_sfu_ring_claim(r));
    while (icd_sfu_ring_peek(r))
        icd_sfu_ring_release(r);
    CHECK_EQ_INT(pthread_create(&thread, NULL, cross, r), 0);
    for (uint64_t i = 0; i < EACH;) {
        const struct icd_sfu_crossing *c = icd_sfu_ring_peek(r);
        if (!c) {
            sched_yield();
            continue;
        }
        wrong += c->index != i || c->len != i % 1400;
        for (size_t k = 0; k < c->len; k++)
            wrong += c->bytes[k] != (uint8_t)i;
        icd_sfu_ring_release(r);
        i++;
    }
    pthread_join(thread, NULL);
    CHECK_EQ_INT(wrong, 0);
    ic_free(r);
}
