/* Many independent jobs on threads that the caller has: these libraries make none.
 *
 *     static void run(void *ctx, size_t n, void (*job)(void *arg, size_t i), void *arg)
 *     {
 *         pool_each(ctx, n, job, arg);   // returns when all are done
 *     }
 *     const struct ic_mlspub_executor exec = {run, pool};
 *
 * Jobs draw no randomness and call none of the application's functions. What was written before run is
 * to be seen by the jobs, and what they wrote by the caller when run returns, as pools do.
 */
#ifndef IC_MLSPUB_EXECUTOR_H
#define IC_MLSPUB_EXECUTOR_H

#include <ic/base/api.h>
#include <ic/base/err.h>
#include <stddef.h>

IC_API_BEGIN

struct ic_mlspub_executor {
    /* Runs job(arg, i) for i in [0, n), in any order, on any threads, and returns when all are done. */
    void (*run)(void *ctx, size_t n, void (*job)(void *arg, size_t i), void *arg);
    void *ctx;
};

/* job(arg, i) for each i in [0, n): by exec, or here and in order where exec is NULL. IC_OK; or what the
 * first in order of those that failed gave, with its number in *failed, so that the same input
 * fails alike with and without exec. IC_ERR_NOMEM with *failed = n where nothing ran. */
ic_err ic_mlspub_run(const struct ic_mlspub_executor *exec, size_t n,
                     ic_err (*job)(void *arg, size_t i), void *arg, size_t *failed);

IC_API_END

#endif
