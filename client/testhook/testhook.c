#include "testhook.h"

#include "base/clock.h"

#include <ic/base/secret.h>
#include <ic/base/text.h>
#include <ic/meeting/testhook.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { SFRAME_HEADER = 17, PLANTED_LEN = 16, BYTES_MAX = 8192 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static FILE *file;
static bool plain;
static uint8_t planted[PLANTED_LEN];

static void on_epoch(void *ctx, uint64_t epoch, uint32_t leaf_slots, uint32_t own_leaf)
{
    (void)ctx;
    pthread_mutex_lock(&lock);
    if (file) {
        fprintf(file,
                "{\"kind\":\"epoch\",\"time_ms\":%llu,\"epoch\":%llu,\"leaf_slots\":%u,"
                "\"own_leaf\":%u}\n",
                (unsigned long long)icc_now_ms(), (unsigned long long)epoch, leaf_slots, own_leaf);
        fflush(file);
    }
    pthread_mutex_unlock(&lock);
}

static void on_secret(void *ctx, const char *kind, struct ic_view secret)
{
    (void)ctx;
    char name[64];
    snprintf(name, sizeof name, "secret %s", kind);
    ic_testhook_note(name, secret);
    if (strcmp(kind, "base_key") == 0 && secret.len >= PLANTED_LEN) {
        pthread_mutex_lock(&lock);
        memcpy(planted, secret.p, PLANTED_LEN);
        pthread_mutex_unlock(&lock);
    }
}

void ic_testhook_start(const char *path, bool plain_media)
{
    plain = plain_media;
    if (path)
        file = fopen(path, "ae");
    ic_testhook_meeting_tell(on_epoch, on_secret, NULL);
}

void ic_testhook_stop(void)
{
    pthread_mutex_lock(&lock);
    if (file)
        fclose(file);
    file = NULL;
    pthread_mutex_unlock(&lock);
}

bool ic_testhook_plain_media(void)
{
    return plain;
}

size_t ic_testhook_plain_frame(struct ic_view frame, uint8_t *out)
{
    memcpy(out, frame.p, frame.len);
    pthread_mutex_lock(&lock);
    memcpy(out + frame.len, planted, sizeof planted);
    pthread_mutex_unlock(&lock);
    return frame.len + sizeof planted;
}

void ic_testhook_note(const char *kind, struct ic_view bytes)
{
    char hex[2 * BYTES_MAX + 1];
    ic_hex_encode(ic_view(bytes.p, bytes.len < BYTES_MAX ? bytes.len : BYTES_MAX), hex);
    pthread_mutex_lock(&lock);
    if (file) {
        fprintf(file, "{\"kind\":\"%s\",\"time_ms\":%llu,\"hex\":\"%s\"}\n", kind,
                (unsigned long long)icc_now_ms(), hex);
        fflush(file);
    }
    pthread_mutex_unlock(&lock);
    ic_wipe(hex, sizeof hex);
}

static struct ic_view header_of(struct ic_view frame)
{
    return ic_view(frame.p, frame.len < SFRAME_HEADER ? frame.len : SFRAME_HEADER);
}

void ic_testhook_note_sealed(struct ic_view frame)
{
    ic_testhook_note("sealed", header_of(frame));
}

void ic_testhook_note_failed(ic_err why, struct ic_view frame)
{
    const char *kind = why == IC_ERR_AUTH          ? "failed auth"
                       : why == IC_ERR_UNKNOWN_KEY ? "failed unknown"
                       : why == IC_ERR_EXPIRED     ? "failed expired"
                       : why == IC_ERR_REPLAY      ? "failed replay"
                                                   : "failed malformed";
    ic_testhook_note(kind, header_of(frame));
}
