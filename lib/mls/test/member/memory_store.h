/* A store in memory, for tests and benchmarks: transactions, counts, and calls that fail on demand.
 *
 *     struct memory_store m = {0};
 *     struct ic_mls_store store = memory_store(&m);
 *     CHECK_OK(ic_mls_save(g, &store));
 *     CHECK(m.puts < 30);
 *     memory_store_clear(&m);
 */
#ifndef TEST_MEMORY_STORE_H
#define TEST_MEMORY_STORE_H

#include <ic/mls/store.h>

struct memory_record {
    struct ic_mls_record_key key;
    uint8_t *value;
    size_t len;
};

struct memory_list {
    struct memory_record *p;
    size_t count, cap;
};

struct memory_store {
    struct memory_list records; /* ascending */
    struct memory_list undo; /* what a transaction replaced or erased; value NULL: there was none */
    bool open, writing;
    /* Of the last transaction. */
    size_t puts, erased;
    /* The k-th call from now fails with IC_ERR_IO; 0: none. */
    unsigned fail_at, calls;
    bool commit_happens; /* where the failing call is a commit, it happens all the same */
};

struct ic_mls_store memory_store(struct memory_store *m);
void memory_store_clear(struct memory_store *m);
/* All records, one after the other. */
ic_err memory_store_dump(const struct memory_store *m, struct ic_buf *out);
/* NULL where there is none. */
struct memory_record *memory_store_find(struct memory_store *m, struct ic_mls_record_key key);

#endif
