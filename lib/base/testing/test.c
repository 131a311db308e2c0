#include <ic/base/mem.h>
#include <ic/base/test.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct ic_test *first, **last = &first;
static const char *running;
static bool failed, skipped;

void ic_test_register(struct ic_test *t)
{
    *last = t;
    last = &t->next;
}

void ic_test_fail(const char *file, int line, const char *format, ...)
{
    va_list args;
    failed = true;
    printf("%s:%d: %s: ", file, line, running);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
}

void ic_test_skip(const char *why)
{
    skipped = true;
    printf("skipped: %s: %s\n", running, why);
}

bool ic_test_failed(void)
{
    return failed;
}

bool ic_test_ok(ic_err e, const char *file, int line, const char *call)
{
    return ic_test_err(e, IC_OK, file, line, call);
}

bool ic_test_err(ic_err e, ic_err want, const char *file, int line, const char *call)
{
    if (e != want)
        ic_test_fail(file, line, "%s gave %s, not %s", call, ic_err_name(e), ic_err_name(want));
    return e == want;
}

bool ic_test_int(long long a, long long b, const char *file, int line, const char *text)
{
    if (a != b)
        ic_test_fail(file, line, "%s: %lld, not %lld", text, a, b);
    return a == b;
}

static void print_hex(const char *label, struct ic_view v)
{
    enum { SHOWN = 256 };
    printf("  %s (%zu) ", label, v.len);
    for (size_t i = 0; i < v.len && i < SHOWN; i++)
        printf("%02x", v.p[i]);
    printf("%s\n", v.len > SHOWN ? "..." : "");
}

bool ic_test_bytes(struct ic_view a, struct ic_view b, const char *file, int line, const char *text)
{
    if (ic_view_equal(a, b))
        return true;
    ic_test_fail(file, line, "%s", text);
    print_hex("got ", a);
    print_hex("want", b);
    return false;
}

bool ic_test_hex(struct ic_view a, const char *hex, const char *file, int line, const char *text)
{
    size_t n = strlen(hex) / 2;
    uint8_t *want = calloc(n + 1, 1);
    if (!want)
        abort();
    for (size_t i = 0; i < n; i++) {
        unsigned byte = 0;
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
            abort();
        want[i] = (uint8_t)byte;
    }
    bool same = ic_test_bytes(a, ic_view(want, n), file, line, text);
    free(want);
    return same;
}

unsigned ic_test_each_alloc_fails(ic_err (*fn)(void *ctx), void *ctx)
{
    unsigned fired = 0;
    for (uint64_t k = 1;; k++) {
        (void)ic_mem_fail_at(k);
        ic_err e = fn(ctx);
        bool met = ic_mem_fail_at(0) >= k;
        if (e != IC_OK && (e != IC_ERR_NOMEM || !met)) {
            ic_test_fail(__FILE__, __LINE__, "with allocation %llu failing: %s",
                         (unsigned long long)k, ic_err_name(e));
            return fired;
        }
        if (!met)
            return fired;
        fired++;
    }
}

int main(int argc, char **argv)
{
    const char *filter = argc > 1 ? argv[1] : "";
    unsigned n_passed = 0, n_failed = 0, n_skipped = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (struct ic_test *t = first; t; t = t->next) {
        if (!strstr(t->name, filter))
            continue;
        running = t->name;
        failed = skipped = false;
        t->run();
        (void)ic_mem_fail_at(0);
        if (failed)
            n_failed++;
        else if (skipped)
            n_skipped++;
        else
            n_passed++;
    }
    printf("%u passed, %u failed", n_passed, n_failed);
    if (n_skipped)
        printf(", %u skipped", n_skipped);
    printf("\n");
    return n_failed ? 1 : 0;
}
