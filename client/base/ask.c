#include "base/ask.h"

#include <fcntl.h>
#include <ic/base/secret.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Byte by byte: nothing stays behind in a buffer of the C library. */
static bool read_line(int fd, char *out, size_t len)
{
    size_t n = 0;
    char c;
    ssize_t got;
    while ((got = read(fd, &c, 1)) == 1 && c != '\n')
        if (n + 1 < len)
            out[n++] = c;
    out[n] = 0;
    return n > 0 && got >= 0;
}

static bool ask(const char *prompt, bool echo, char *out, size_t len)
{
    struct termios before, silent;
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool tty = tcgetattr(fd, &before) == 0;
    if (tty && !echo) {
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(fd, TCSAFLUSH, &silent);
    }
    bool ok = write(fd, prompt, strlen(prompt)) > 0 && read_line(fd, out, len);
    if (tty && !echo) {
        tcsetattr(fd, TCSAFLUSH, &before);
        ok = write(fd, "\n", 1) == 1 && ok;
    }
    close(fd);
    if (!ok)
        ic_wipe(out, len);
    return ok;
}

bool icc_ask_secret(const char *prompt, char *out, size_t len)
{
    return ask(prompt, false, out, len);
}

bool icc_ask_line(const char *prompt, char *out, size_t len)
{
    return ask(prompt, true, out, len);
}

bool icc_ask_yes(const char *question)
{
    char answer[8] = "";
    return ask(question, true, answer, sizeof answer) &&
           (strcmp(answer, "y") == 0 || strcmp(answer, "yes") == 0);
}
