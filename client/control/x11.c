#include "x11.h"

#include <dlfcn.h>
#include <ic/base/mem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHIFT_L = 0xffe1, SHIFT_R = 0xffe2 };

/* The few calls that are needed, by the stable binary interface of libX11.so.6 and libXtst.so.6. */
struct calls {
    void *(*open)(const char *name);
    int (*close)(void *d);
    int (*screen)(void *d);
    int (*width)(void *d, int screen);
    int (*height)(void *d, int screen);
    int (*flush)(void *d);
    int (*sync)(void *d, int discard);
    uint8_t (*code_of)(void *d, unsigned long keysym);
    unsigned long (*keysym_at)(void *d, uint8_t code, int column);
    int (*code_range)(void *d, int *min, int *max);
    unsigned long *(*mapping)(void *d, uint8_t first, int count, int *per_code);
    int (*change_mapping)(void *d, int first, int per_code, unsigned long *keysyms, int count);
    int (*free_data)(void *p);
    int (*on_error)(int (*handler)(void *d, void *event));
    void (*on_exit)(void *d, void (*handler)(void *d, void *arg), void *arg);
    int (*on_io_error)(int (*handler)(void *d));
    int (*has_test)(void *d, int *event, int *error, int *major, int *minor);
    int (*motion)(void *d, int screen, int x, int y, unsigned long delay);
    int (*button)(void *d, unsigned button, int down, unsigned long delay);
    int (*key)(void *d, unsigned code, int down, unsigned long delay);
};

struct icc_x11 {
    struct calls c;
    void *x11, *xtst, *display;
    int screen, width, height;
    int spare;              /* a key code that nothing stands on; 0: none */
    unsigned long on_spare; /* what we have put there */
    unsigned shifts;        /* Shift keys that are held down by us */
    bool gone;
};

static int pass_over_error(void *d, void *event)
{
    (void)d;
    (void)event;
    return 0;
}

static int pass_over_io_error(void *d)
{
    (void)d;
    return 0; /* on_exit follows, and does not exit */
}

static void on_gone(void *d, void *arg)
{
    (void)d;
    ((struct icc_x11 *)arg)->gone = true;
}

/* ---- libraries ---- */

static bool find(void *library, const char *name, void *to)
{
    void *p = library ? dlsym(library, name) : NULL;
    memcpy(to, &p, sizeof p);
    return p != NULL;
}

static bool load(struct icc_x11 *x)
{
    struct calls *c = &x->c;
    const struct {
        bool test;
        const char *name;
        void *to;
    } rows[] = {
        {false, "XOpenDisplay", &c->open},
        {false, "XCloseDisplay", &c->close},
        {false, "XDefaultScreen", &c->screen},
        {false, "XDisplayWidth", &c->width},
        {false, "XDisplayHeight", &c->height},
        {false, "XFlush", &c->flush},
        {false, "XSync", &c->sync},
        {false, "XKeysymToKeycode", &c->code_of},
        {false, "XKeycodeToKeysym", &c->keysym_at},
        {false, "XDisplayKeycodes", &c->code_range},
        {false, "XGetKeyboardMapping", &c->mapping},
        {false, "XChangeKeyboardMapping", &c->change_mapping},
        {false, "XFree", &c->free_data},
        {false, "XSetErrorHandler", &c->on_error},
        {false, "XSetIOErrorExitHandler", &c->on_exit},
        {false, "XSetIOErrorHandler", &c->on_io_error},
        {true, "XTestQueryExtension", &c->has_test},
        {true, "XTestFakeMotionEvent", &c->motion},
        {true, "XTestFakeButtonEvent", &c->button},
        {true, "XTestFakeKeyEvent", &c->key},
    };
    x->x11 = dlopen("libX11.so.6", RTLD_NOW | RTLD_LOCAL);
    x->xtst = dlopen("libXtst.so.6", RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; i < IC_ARRAY_LEN(rows); i++)
        if (!find(rows[i].test ? x->xtst : x->x11, rows[i].name, rows[i].to))
            return false;
    return true;
}

/* The highest key code without any keysym. */
static int find_spare(struct icc_x11 *x)
{
    int min = 0, max = 0, per = 0, spare = 0;
    x->c.code_range(x->display, &min, &max);
    unsigned long *map = x->c.mapping(x->display, (uint8_t)min, max - min + 1, &per);
    for (int code = min; map && code <= max; code++) {
        bool empty = true;
        for (int i = 0; i < per; i++)
            empty = empty && map[(code - min) * per + i] == 0;
        spare = empty ? code : spare;
    }
    if (map)
        x->c.free_data(map);
    return spare;
}

static ic_err open_display(struct icc_x11 *x, const char *display, char *why, size_t why_len)
{
    int a, b, c, d;
    if (!load(x)) {
        snprintf(why, why_len, "libX11 or libXtst is not installed");
        return IC_ERR_UNSUPPORTED;
    }
    x->c.on_error(pass_over_error);
    x->c.on_io_error(pass_over_io_error);
    x->display = x->c.open(display);
    if (!x->display) {
        snprintf(why, why_len, "there is no X11 session%s%s", display ? " at " : "",
                 display ? display : "");
        return IC_ERR_UNSUPPORTED;
    }
    x->c.on_exit(x->display, on_gone, x);
    if (!x->c.has_test(x->display, &a, &b, &c, &d)) {
        snprintf(why, why_len, "the X server has no XTest extension");
        return IC_ERR_UNSUPPORTED;
    }
    x->screen = x->c.screen(x->display);
    x->width = x->c.width(x->display, x->screen);
    x->height = x->c.height(x->display, x->screen);
    x->spare = find_spare(x);
    return IC_OK;
}

ic_err icc_x11_open(const char *display, struct icc_x11 **out, char *why, size_t why_len)
{
    /* Under Wayland there may be an X server too, for old programs: it is not the screen that people see. */
    const char *session = getenv("XDG_SESSION_TYPE");
    if (!display && session && strcmp(session, "wayland") == 0) {
        snprintf(why, why_len, "this is a Wayland session");
        return IC_ERR_UNSUPPORTED;
    }
    struct icc_x11 *x = ic_new(struct icc_x11);
    if (!x)
        return IC_ERR_NOMEM;
    ic_err e = open_display(x, display, why, why_len);
    if (e != IC_OK) {
        icc_x11_close(x);
        return e;
    }
    *out = x;
    return IC_OK;
}

void icc_x11_close(struct icc_x11 *x)
{
    if (!x)
        return;
    if (x->display && !x->gone && x->on_spare) {
        unsigned long none = 0;
        x->c.change_mapping(x->display, x->spare, 1, &none, 1);
    }
    /* Xlib cannot free a connection that is gone without touching it: it is let lie, in sight of the leak checker. */
    static void *let_lie;
    if (x->display && !x->gone)
        x->c.close(x->display);
    else if (x->display)
        let_lie = x->display;
    (void)let_lie;
    /* The libraries stay: their handlers may be called until the program ends. */
    ic_free(x);
}

void icc_x11_size(const struct icc_x11 *x, int *width, int *height)
{
    *width = x->width;
    *height = x->height;
}

/* ---- input ---- */

static unsigned code_of(struct icc_x11 *x, unsigned long keysym)
{
    unsigned code = x->c.code_of(x->display, keysym);
    /* Unicode keysyms of Latin-1 are the letters themselves on most keyboards. */
    if (!code && keysym >= 0x01000020 && keysym <= 0x010000ff)
        code = x->c.code_of(x->display, keysym & 0xff);
    if (code || !x->spare)
        return code;
    if (x->on_spare != keysym) {
        x->c.change_mapping(x->display, x->spare, 1, &keysym, 1);
        x->c.sync(x->display, 0);
        x->on_spare = keysym;
    }
    return (unsigned)x->spare;
}

/* A letter arrives as what it is, not as what the sender's keyboard did for it: where it needs Shift, and no Shift
 * came, Shift is held for the one press. */
static void press(struct icc_x11 *x, unsigned code, unsigned long keysym)
{
    unsigned shift = x->c.code_of(x->display, SHIFT_L);
    unsigned long plain = x->c.keysym_at(x->display, (uint8_t)code, 0);
    unsigned long shifted = x->c.keysym_at(x->display, (uint8_t)code, 1);
    unsigned long wanted = keysym >= 0x01000020 && keysym <= 0x010000ff ? keysym & 0xff : keysym;
    bool lacks = plain != wanted && shifted == wanted && x->shifts == 0;
    if (lacks)
        x->c.key(x->display, shift, 1, 0);
    x->c.key(x->display, code, 1, 0);
    if (lacks)
        x->c.key(x->display, shift, 0, 0);
}

static void key(struct icc_x11 *x, unsigned long keysym, bool down)
{
    unsigned code = code_of(x, keysym);
    if (!code)
        return;
    if (keysym == SHIFT_L || keysym == SHIFT_R)
        x->shifts = down ? x->shifts + 1 : x->shifts ? x->shifts - 1 : 0;
    if (down)
        press(x, code, keysym);
    else
        x->c.key(x->display, code, 0, 0);
}

static void click(struct icc_x11 *x, int clicks, unsigned less, unsigned more)
{
    unsigned button = clicks < 0 ? less : more;
    for (int n = abs(clicks); n > 0; n--) {
        x->c.button(x->display, button, 1, 0);
        x->c.button(x->display, button, 0, 0);
    }
}

static void inject(struct icc_x11 *x, const struct ic_together_input *in)
{
    switch (in->type) {
    case IC_TOGETHER_INPUT_MOVE:
        x->c.motion(x->display, x->screen, (in->x * (x->width - 1) + 32767) / 65535,
                    (in->y * (x->height - 1) + 32767) / 65535, 0);
        break;
    case IC_TOGETHER_INPUT_BUTTON:
        x->c.button(x->display, in->code, in->down, 0);
        break;
    case IC_TOGETHER_INPUT_WHEEL:
        click(x, in->dy, 4, 5);
        click(x, in->dx, 6, 7);
        break;
    case IC_TOGETHER_INPUT_KEY:
        key(x, in->code, in->down);
        break;
    default:
        break;
    }
}

ic_err icc_x11_inject(struct icc_x11 *x, const struct ic_together_input *inputs, size_t count)
{
    for (size_t i = 0; i < count && !x->gone; i++)
        inject(x, &inputs[i]);
    if (!x->gone)
        x->c.flush(x->display);
    return x->gone ? IC_ERR_CLOSED : IC_OK;
}
