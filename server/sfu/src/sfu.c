#include "control.h"
#include <ic/base/mem.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static ic_err fill(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    return getrandom(out, n, 0) == (ssize_t)n ? IC_OK : IC_ERR_IO;
}

struct ic_rand icd_sfu_rand(void)
{
    return (struct ic_rand){fill, NULL};
}

uint64_t icd_sfu_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void icd_sfu_event(struct icd_sfu *s, struct event *e)
{
    icd_sfu_queue_push(&s->events, &e->node);
    if (s->wake)
        s->wake(s->wake_ctx);
}

static void set_default(uint32_t *value, uint32_t otherwise)
{
    if (*value == 0)
        *value = otherwise;
}

static ic_err configure(struct icd_sfu *s, const struct icd_sfu_config *config)
{
    struct ic_rtc_addr a;
    s->config = *config;
    if (!config->bind)
        s->config.bind = "0.0.0.0";
    if (config->shards > ICD_SFU_SHARDS_MAX || config->address_count == 0 ||
        config->address_count > IC_WIRE_ADDRESSES_MAX || strlen(s->config.bind) >= sizeof s->bind)
        return IC_ERR_RANGE;
    memcpy(s->bind, s->config.bind, strlen(s->config.bind) + 1);
    s->config.bind = s->bind;
    for (size_t i = 0; i < config->address_count; i++) {
        if (!ic_rtc_addr_parse(ic_view_cstr(config->addresses[i]), 0, &a))
            return IC_ERR_RANGE;
        memcpy(s->addresses[i], config->addresses[i], strlen(config->addresses[i]) + 1);
        s->config.addresses[i] = s->addresses[i];
    }
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    s->shard_count = config->shards ? config->shards : cores < 1 ? 1 : (unsigned)cores;
    if (s->shard_count > ICD_SFU_SHARDS_MAX)
        s->shard_count = ICD_SFU_SHARDS_MAX;
    if (config->port != 0 && config->port + s->shard_count - 1 > 65535)
        return IC_ERR_RANGE;
    set_default(&s->config.max_sessions, ICD_SFU_SESSIONS_DEFAULT);
    set_default(&s->config.strangers_per_s, 50);
    set_default(&s->config.packets_per_s, 5000);
    set_default(&s->config.key_request_gap_ms, 500);
    return IC_OK;
}

static ic_err set_up(struct icd_sfu *s, const struct icd_sfu_config *config)
{
    struct ic_rand rand = icd_sfu_rand();
    IC_TRY(configure(s, config));
    IC_TRY(ic_rand_fill(&rand, (uint8_t *)s->seed, sizeof s->seed));
    ic_map_init(&s->sessions, s->config.max_sessions, s->seed);
    ic_map_init(&s->rooms, s->config.max_sessions, s->seed);
    IC_TRY(ic_rtc_cert_new(&s->cert));
    for (unsigned i = 0; i < s->shard_count; i++)
        IC_TRY(icd_sfu_shard_new(s, i, config->port ? (uint16_t)(config->port + i) : 0,
                                 &s->shards[i]));
    /* Started once all are made: they know each other. */
    for (unsigned i = 0; i < s->shard_count; i++)
        IC_TRY(icd_sfu_shard_start(s->shards[i]));
    return IC_OK;
}

ic_err icd_sfu_new(const struct icd_sfu_config *config, struct icd_sfu **out)
{
    struct icd_sfu *s = ic_new(struct icd_sfu);
    if (!s)
        return IC_ERR_NOMEM;
    icd_sfu_queue_init(&s->events);
    ic_err e = set_up(s, config);
    if (e != IC_OK)
        icd_sfu_free(s);
    else
        *out = s;
    return e;
}

void icd_sfu_free(struct icd_sfu *s)
{
    struct icd_sfu_node *n;
    if (!s)
        return;
    for (unsigned i = 0; i < s->shard_count; i++)
        icd_sfu_shard_stop(s->shards[i]);
    s->wake = NULL;
    for (unsigned i = 0; i < s->shard_count; i++)
        icd_sfu_shard_free(s->shards[i]);
    while ((n = icd_sfu_queue_pop(&s->events)) != NULL)
        ic_free((struct event *)n);
    icd_sfu_control_clear(s);
    ic_rtc_cert_free(s->cert);
    ic_free(s);
}

struct icd_media icd_sfu_media(struct icd_sfu *s)
{
    return (struct icd_media){&icd_sfu_control_ops, s};
}

uint16_t icd_sfu_port(const struct icd_sfu *s, unsigned shard)
{
    return shard < s->shard_count ? s->shards[shard]->port : 0;
}

#define ADD(name)                                                                                  \
    sum.name += atomic_load_explicit(&s->shards[i]->counters.name, memory_order_relaxed)

void icd_sfu_counters(const struct icd_sfu *s, struct icd_sfu_counters *out)
{
    struct icd_sfu_counters sum = {0};
    for (unsigned i = 0; i < s->shard_count; i++) {
        ADD(packets_in);
        ADD(packets_out);
        ADD(bytes_in);
        ADD(bytes_out);
        ADD(dropped_malformed);
        ADD(dropped_stranger);
        ADD(dropped_limit);
        ADD(dropped_auth);
        ADD(dropped_send);
        ADD(crossed);
        ADD(crossed_lost);
        ADD(nacks_in);
        ADD(nacks_answered);
        ADD(nacks_out);
        ADD(key_requests_in);
        ADD(key_requests_out);
        ADD(transports);
    }
    *out = sum;
}
