/* The test kit: tests register themselves and share one main.
 *
 *     TEST(reader_rejects_trailing_bytes)
 *     {
 *         struct ic_reader r = ic_reader(IC_VIEW_STR("ab"));
 *         CHECK_EQ_INT(ic_read_u8(&r), 'a');
 *         CHECK_ERR(ic_reader_end(&r), IC_ERR_TRAILING);
 *     }
 *
 * A failed CHECK prints where and what, marks the test failed and returns from the function it is in,
 * which must return void. A helper that checks is followed by `if (ic_test_failed()) return;` where the
 * rest makes no sense without it. The program runs the tests whose name contains its argument, and ends
 * with `N passed, N failed` (`, N skipped` where there are), status 1 after a failure.
 */
#ifndef IC_BASE_TEST_H
#define IC_BASE_TEST_H

#include <ic/base/bytes.h>
#include <ic/base/clock.h>
#include <ic/base/err.h>
#include <ic/base/rand.h>

struct ic_test {
    const char *name;
    void (*run)(void);
    struct ic_test *next;
};

void ic_test_register(struct ic_test *t);

#define TEST(test_name)                                                                            \
    static void test_##test_name(void);                                                            \
    __attribute__((constructor)) static void register_##test_name(void)                            \
    {                                                                                              \
        static struct ic_test t = {#test_name, test_##test_name, NULL};                            \
        ic_test_register(&t);                                                                      \
    }                                                                                              \
    static void test_##test_name(void)

/* Marks the running test failed and prints the place and the message. */
__attribute__((format(printf, 3, 4))) void ic_test_fail(const char *file, int line,
                                                        const char *format, ...);
void ic_test_skip(const char *why);
bool ic_test_failed(void);
/* They print what differs and give false. */
bool ic_test_ok(ic_err e, const char *file, int line, const char *call);
bool ic_test_err(ic_err e, ic_err want, const char *file, int line, const char *call);
bool ic_test_int(long long a, long long b, const char *file, int line, const char *text);
bool ic_test_bytes(struct ic_view a, struct ic_view b, const char *file, int line,
                   const char *text);
bool ic_test_hex(struct ic_view a, const char *hex, const char *file, int line, const char *text);

#define CHECK(cond)                                                                                \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            ic_test_fail(__FILE__, __LINE__, "%s", #cond);                                         \
            return;                                                                                \
        }                                                                                          \
    } while (0)
#define IC_TEST_RETURN_UNLESS_(passed)                                                             \
    do {                                                                                           \
        if (!(passed))                                                                             \
            return;                                                                                \
    } while (0)
#define CHECK_OK(call) IC_TEST_RETURN_UNLESS_(ic_test_ok((call), __FILE__, __LINE__, #call))
#define CHECK_ERR(call, want)                                                                      \
    IC_TEST_RETURN_UNLESS_(ic_test_err((call), (want), __FILE__, __LINE__, #call))
/* Any two integers that fit a long long, or two pointers' difference; not for unsigned above 2^63. */
#define CHECK_EQ_INT(a, b)                                                                         \
    IC_TEST_RETURN_UNLESS_(                                                                        \
        ic_test_int((long long)(a), (long long)(b), __FILE__, __LINE__, #a " == " #b))
#define CHECK_BYTES(a, b)                                                                          \
    IC_TEST_RETURN_UNLESS_(ic_test_bytes((a), (b), __FILE__, __LINE__, #a " == " #b))
#define CHECK_HEX(a, hex) IC_TEST_RETURN_UNLESS_(ic_test_hex((a), (hex), __FILE__, __LINE__, #a))

/* Leaves the test, counted as skipped. */
#define SKIP(why)                                                                                  \
    do {                                                                                           \
        ic_test_skip(why);                                                                         \
        return;                                                                                    \
    } while (0)

/* Runs fn with the k-th allocation failing, for k = 1, 2, ... until it ends without having met the
 * failure; that last run must give IC_OK, the others IC_ERR_NOMEM or IC_OK. fn builds what it needs,
 * does its work and releases all. Returns the number of runs that met the failure; a wrong result fails
 * the test. */
unsigned ic_test_each_alloc_fails(ic_err (*fn)(void *ctx), void *ctx);

/* Deterministic bytes from the seed, for tests alone: *state is the caller's. */
struct ic_test_rand {
    uint64_t state;
};
struct ic_rand ic_test_rand(struct ic_test_rand *state, uint64_t seed);
/* The next value of the same stream. */
uint64_t ic_test_rand_u64(struct ic_test_rand *state);
/* getrandom(2). */
struct ic_rand ic_test_os_rand(void);
/* A source that always gives IC_ERR_IO. */
struct ic_rand ic_test_no_rand(void);
/* A clock that shows what is there, in seconds or in milliseconds: borrowed. */
struct ic_clock ic_test_clock(uint64_t *now_s);
struct ic_clock ic_test_clock_ms(uint64_t *now_ms);

#endif
