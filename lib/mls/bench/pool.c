#include "pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static struct {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake, done;
    bool working, stop;
    atomic_size_t next;
    size_t n;
    void (*job)(void *arg, size_t i);
    void *arg;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER,
          .wake = PTHREAD_COND_INITIALIZER,
          .done = PTHREAD_COND_INITIALIZER};

static void take_jobs(void)
{
    size_t i;
    while ((i = atomic_fetch_add(&pool.next, 1)) < pool.n)
        pool.job(pool.arg, i);
}

static void *work(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&pool.lock);
    for (;;) {
        while (!pool.working && !pool.stop)
            pthread_cond_wait(&pool.wake, &pool.lock);
        if (pool.stop)
            break;
        pthread_mutex_unlock(&pool.lock);
        take_jobs();
        pthread_mutex_lock(&pool.lock);
        pool.working = false;
        pthread_cond_signal(&pool.done);
    }
    pthread_mutex_unlock(&pool.lock);
    return NULL;
}

static void run(void *ctx, size_t n, void (*job)(void *arg, size_t i), void *arg)
{
    (void)ctx;
    pthread_mutex_lock(&pool.lock);
    pool.n = n;
    pool.job = job;
    pool.arg = arg;
    atomic_store(&pool.next, 0);
    pool.working = true;
    pthread_cond_signal(&pool.wake);
    pthread_mutex_unlock(&pool.lock);
    take_jobs();
    pthread_mutex_lock(&pool.lock);
    while (pool.working)
        pthread_cond_wait(&pool.done, &pool.lock);
    pthread_mutex_unlock(&pool.lock);
}

struct ic_mlspub_executor pool_start(void)
{
    if (pthread_create(&pool.thread, NULL, work, NULL) != 0) {
        fputs("bench-mls: no thread\n", stderr);
        exit(1);
    }
    return (struct ic_mlspub_executor){run, NULL};
}

void pool_stop(void)
{
    pthread_mutex_lock(&pool.lock);
    pool.stop = true;
    pthread_cond_signal(&pool.wake);
    pthread_mutex_unlock(&pool.lock);
    pthread_join(pool.thread, NULL);
}
