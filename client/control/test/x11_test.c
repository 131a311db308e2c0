/* Against an X server of its own (Xvfb): what is injected is what the server then knows. */
#include "control/x11.h"

#include <dlfcn.h>
#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WIDE = 800, HIGH = 600, SHIFT = 1, CONTROL = 4, BUTTON1 = 1 << 8 };

struct screen {
    pid_t server;
    char name[16];
    struct icc_x11 *x;
    /* another client of the server, that looks */
    void *lib, *display;
};

static pid_t start_server(char name[16])
{
    int pipe_fds[2];
    char text[16] = "", arg[16];
    static unsigned count;
    if (pipe(pipe_fds) != 0)
        return -1;
    /* Numbers of our own: a socket that a killed server left at :0 would be in the way. */
    snprintf(name, 16, ":%u", 100 + (unsigned)getpid() % 5000 + count++ * 7);
    pid_t pid = fork();
    if (pid == 0) {
        close(pipe_fds[0]);
        snprintf(arg, sizeof arg, "%d", pipe_fds[1]);
        if (!freopen("/dev/null", "w", stderr))
            _exit(1);
        execlp("Xvfb", "Xvfb", name, "-displayfd", arg, "-screen", "0", "800x600x24", "-nolisten",
               "tcp", (char *)NULL);
        _exit(127);
    }
    close(pipe_fds[1]);
    /* To the end of the line: the server dies where it cannot finish it. */
    size_t len = 0;
    while (len < sizeof text - 1 && read(pipe_fds[0], text + len, 1) == 1 && text[len] != '\n')
        len++;
    close(pipe_fds[0]);
    if (len > 0)
        return pid;
    waitpid(pid, NULL, 0);
    return -1;
}

static uintptr_t symbol(const struct screen *s, const char *name)
{
    return (uintptr_t)dlsym(s->lib, name);
}

static void look_away(struct screen *s)
{
    if (s->display)
        ((int (*)(void *))symbol(s, "XCloseDisplay"))(s->display);
    s->display = NULL;
}

static void screen_close(struct screen *s)
{
    icc_x11_close(s->x);
    look_away(s);
    if (s->server > 0) {
        kill(s->server, SIGTERM);
        waitpid(s->server, NULL, 0);
    }
}

static struct screen screen_open(void)
{
    struct screen s = {0};
    char why[120] = "";
    for (unsigned i = 0; i < 5 && s.server <= 0; i++) /* its number may just have gone to another */
        s.server = start_server(s.name);
    s.lib = dlopen("libX11.so.6", RTLD_NOW);
    for (unsigned i = 0; i < 600 && s.server > 0 && s.lib && !s.x; i++)
        if (icc_x11_open(s.name, &s.x, why, sizeof why) != IC_OK)
            usleep(100000); /* it accepts nobody yet */
    if (s.x)
        s.display = ((void *(*)(const char *))symbol(&s, "XOpenDisplay"))(s.name);
    return s;
}
#define SCREEN(name)                                                                               \
    __attribute__((cleanup(screen_close))) struct screen name = screen_open();                     \
    if (!name.display)                                                                             \
    SKIP("no Xvfb, or no libXtst")

static void look(const struct screen *s, int at[2], unsigned *mask)
{
    unsigned long root, child;
    int wx, wy;
    ((int (*)(void *, int))symbol(s, "XSync"))(s->display, 0);
    root = ((unsigned long (*)(void *))symbol(s, "XDefaultRootWindow"))(s->display);
    ((int (*)(void *, unsigned long, unsigned long *, unsigned long *, int *, int *, int *, int *,
              unsigned *))symbol(s, "XQueryPointer"))(s->display, root, &root, &child, &at[0],
                                                      &at[1], &wx, &wy, mask);
}

/* The server hears two clients in no order: what is injected shows in time. */
#define COMES(cond)                                                                                \
    for (unsigned tries = 0; tries < 6000; tries++) {                                              \
        look(&s, at, &mask);                                                                       \
        if (cond)                                                                                  \
            break;                                                                                 \
        usleep(10000);                                                                             \
    }                                                                                              \
    CHECK(cond)

static bool is_down(const struct screen *s, unsigned long keysym)
{
    char keys[32];
    ((int (*)(void *, char *))symbol(s, "XQueryKeymap"))(s->display, keys);
    unsigned code =
        ((uint8_t(*)(void *, unsigned long))symbol(s, "XKeysymToKeycode"))(s->display, keysym);
    return code && (keys[code / 8] >> code % 8 & 1);
}

static struct ic_together_input key(uint32_t keysym, bool down)
{
    return (struct ic_together_input){.type = IC_TOGETHER_INPUT_KEY, .code = keysym, .down = down};
}

TEST(x11_moves_presses_and_lets_go)
{
    SCREEN(s);
    int at[2], w, h;
    unsigned mask;
    icc_x11_size(s.x, &w, &h);
    CHECK(w == WIDE && h == HIGH);
    struct ic_together_input in[] = {
        {.type = IC_TOGETHER_INPUT_MOVE, .x = 65535, .y = 0},
        {.type = IC_TOGETHER_INPUT_BUTTON, .code = 1, .down = true},
        {.type = IC_TOGETHER_INPUT_MOVE, .x = 32768, .y = 65535},
        key(0xffe3, true), /* Control_L */
    };
    CHECK_OK(icc_x11_inject(s.x, in, 1));
    COMES(at[0] == WIDE - 1 && at[1] == 0 && !(mask & BUTTON1));
    CHECK_OK(icc_x11_inject(s.x, in + 1, 3));
    COMES(at[0] == 400 && at[1] == HIGH - 1 && (mask & BUTTON1) && (mask & CONTROL));
    in[1].down = in[3].down = false;
    CHECK_OK(icc_x11_inject(s.x, in, 4));
    COMES(!(mask & BUTTON1) && !(mask & CONTROL));
}

TEST(x11_types_what_the_keyboard_has_and_what_it_has_not)
{
    SCREEN(s);
    int at[2];
    unsigned mask;
    const uint32_t keysyms[] = {'a', 0xff0d, 0x010020ac, 0x010000e9}; /* Return, euro, e acute */
    for (size_t i = 0; i < IC_ARRAY_LEN(keysyms); i++) {
        struct ic_together_input down = key(keysyms[i], true), up = key(keysyms[i], false);
        CHECK_OK(icc_x11_inject(s.x, &down, 1));
        unsigned long shown = keysyms[i];
        /* The looking client must hear of the new mapping: it opens anew, until that is there. */
        for (unsigned tries = 0; i >= 2 && tries < 600; tries++) {
            look_away(&s);
            s.display = ((void *(*)(const char *))symbol(&s, "XOpenDisplay"))(s.name);
            if (!s.display || is_down(&s, shown) || is_down(&s, shown & 0xff))
                break;
            usleep(100000);
        }
        CHECK(s.display);
        COMES(is_down(&s, shown) || is_down(&s, shown & 0xff));
        CHECK_OK(icc_x11_inject(s.x, &up, 1));
        COMES(!is_down(&s, shown));
    }
}

TEST(x11_without_a_server_says_why)
{
    struct icc_x11 *x = NULL;
    char why[120] = "";
    CHECK_ERR(icc_x11_open(":64711", &x, why, sizeof why), IC_ERR_UNSUPPORTED);
    CHECK(!x && why[0]);
    setenv("XDG_SESSION_TYPE", "wayland", 1);
    CHECK_ERR(icc_x11_open(NULL, &x, why, sizeof why), IC_ERR_UNSUPPORTED);
    CHECK(strcmp(why, "this is a Wayland session") == 0);
}

TEST(x11_outlives_its_server)
{
    SCREEN(s);
    struct ic_together_input in = {.type = IC_TOGETHER_INPUT_MOVE, .x = 1};
    look_away(&s);
    kill(s.server, SIGTERM);
    waitpid(s.server, NULL, 0);
    s.server = 0;
    ic_err e = IC_OK;
    for (unsigned i = 0; i < 100 && e == IC_OK; i++) {
        e = icc_x11_inject(s.x, &in, 1);
        usleep(1000);
    }
    CHECK_ERR(e, IC_ERR_CLOSED);
}
