/* What every public header puts its declarations between: C linkage for C++, and names that a shared
 * library shows. The libraries are compiled with -fvisibility=hidden, so what is declared nowhere in
 * a public header stays inside.
 *
 *     IC_API_BEGIN
 *     ic_err ic_thing_do(struct ic_thing *t);
 *     IC_API_END
 *
 * Public headers are C11 and C++17 without warnings under -Wall -Wextra -Wpedantic, and need no
 * definitions on the command line; the libraries themselves are gnu2x.
 */
#ifndef IC_BASE_API_H
#define IC_BASE_API_H

#ifdef __cplusplus
#define IC_API_BEGIN                                                                               \
    extern "C" {                                                                                   \
    _Pragma("GCC visibility push(default)")
#define IC_API_END                                                                                 \
    _Pragma("GCC visibility pop")                                                                  \
    }
#else
#define IC_API_BEGIN _Pragma("GCC visibility push(default)")
#define IC_API_END _Pragma("GCC visibility pop")
#endif

/* Marks a type whose ignored result is worth a warning, where the language can say so. */
#if defined(__cplusplus) ? __cplusplus >= 201703L : __STDC_VERSION__ > 201710L
#define IC_NODISCARD [[nodiscard]]
#else
#define IC_NODISCARD
#endif

/* Alignment of a member, in both languages. */
#ifdef __cplusplus
#define IC_ALIGNAS(n) alignas(n)
#else
#define IC_ALIGNAS(n) _Alignas(n)
#endif

#endif
