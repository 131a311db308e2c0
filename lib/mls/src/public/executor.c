#include <ic/base/mem.h>
#include <ic/mlspub/executor.h>

struct batch {
    ic_err (*job)(void *arg, size_t i);
    void *arg;
    ic_err *results;
};

static void run_one(void *arg, size_t i)
{
    struct batch *b = arg;
    b->results[i] = b->job(b->arg, i);
}

static ic_err run_here(size_t n, ic_err (*job)(void *arg, size_t i), void *arg, size_t *failed)
{
    for (size_t i = 0; i < n; i++) {
        ic_err e = job(arg, i);
        if (e != IC_OK) {
            *failed = i;
            return e;
        }
    }
    return IC_OK;
}

ic_err ic_mlspub_run(const struct ic_mlspub_executor *exec, size_t n,
                     ic_err (*job)(void *arg, size_t i), void *arg, size_t *failed)
{
    if (!exec || n < 2)
        return run_here(n, job, arg, failed);
    IC_AUTOFREE ic_err *results = ic_new_array(n, ic_err);
    if (!results) {
        *failed = n;
        return IC_ERR_NOMEM;
    }
    struct batch b = {job, arg, results};
    exec->run(exec->ctx, n, run_one, &b);
    for (size_t i = 0; i < n; i++) {
        if (results[i] != IC_OK) {
            *failed = i;
            return results[i];
        }
    }
    return IC_OK;
}
