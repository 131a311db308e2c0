#include "log/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct {
    int fd;
    enum icd_log_level level;
} target = {2, ICD_LOG_INFO};

ic_err icd_log_open(const char *dir, enum icd_log_level level, char *why, size_t why_room)
{
    int fd = 2;
    if (dir && dir[0]) {
        char path[512];
        snprintf(path, sizeof path, "%s/incamerad.log", dir);
        fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
        if (fd < 0) {
            snprintf(why, why_room, "%s: %s", path, strerror(errno));
            return IC_ERR_IO;
        }
    }
    icd_log_close();
    target.fd = fd;
    target.level = level;
    return IC_OK;
}

void icd_log_close(void)
{
    if (target.fd > 2)
        close(target.fd);
    target.fd = 2;
}

void icd_log(enum icd_log_level level, const char *event, const char *format, ...)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};
    char line[768], when[32];
    struct timespec t;
    struct tm tm;
    if (level > target.level)
        return;
    clock_gettime(CLOCK_REALTIME, &t);
    gmtime_r(&t.tv_sec, &tm);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &tm);
    int n = snprintf(line, sizeof line, "time=%s.%03ldZ level=%s event=%s ", when,
                     t.tv_nsec / 1000000, names[level], event);
    va_list args;
    va_start(args, format);
    vsnprintf(line + n, sizeof line - (size_t)n - 1, format, args);
    va_end(args);
    size_t len = strlen(line);
    while (len && line[len - 1] == ' ')
        len--;
    line[len++] = '\n';
    /* A line that cannot be written is lost: the server goes on. */
    ssize_t done = write(target.fd, line, len);
    (void)done;
}
