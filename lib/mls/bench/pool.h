/* A thread beside the caller's, to share jobs with: the executor of an application, as small as it gets. */
#ifndef BENCH_POOL_H
#define BENCH_POOL_H

#include <ic/mlspub/executor.h>

/* Starts the thread; it sleeps between runs. Ends the program where there is none. */
struct ic_mlspub_executor pool_start(void);
void pool_stop(void);

#endif
