#include "testhook.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static FILE *file;
static bool plain;
static unsigned frames;

void ic_testhook_start(const char *path, bool plain_media)
{
    plain = plain_media;
    if (path)
        file = fopen(path, "ae");
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

void ic_testhook_note(const char *kind, struct ic_view bytes)
{
    pthread_mutex_lock(&lock);
    bool frame = strcmp(kind, "frame") == 0;
    if (file && !(frame && frames++ % 10 != 0)) {
        size_t n = frame && bytes.len > 64 ? 64 : bytes.len;
        fprintf(file, "{\"kind\":\"%s\",\"time_ms\":%llu,\"hex\":\"", kind,
                (unsigned long long)icc_now_ms());
        for (size_t i = 0; i < n; i++)
            fprintf(file, "%02x", bytes.p[i]);
        fputs("\"}\n", file);
        fflush(file);
    }
    pthread_mutex_unlock(&lock);
}
