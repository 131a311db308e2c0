/* The server's store: a small SQL interface that SQLite serves today and PostgreSQL can serve later.
 *
 *     struct icd_store *s;
 *     char why[ICD_STORE_WHY];
 *     IC_TRY(icd_store_open("/var/lib/incamera/incamera.db", why, &s));   // migrates forward
 *     IC_TRY(icd_store_begin(s));
 *     IC_TRY(icd_store_exec(s, "INSERT INTO t(a) VALUES($1) ON CONFLICT DO NOTHING", &changed,
 *                           ICD_PARAMS(ICD_INT(7))));
 *     IC_TRY(icd_store_commit(s));                                        // durable on IC_OK
 *
 *     struct icd_rows rows;
 *     IC_TRY(icd_store_query(s, "SELECT a, b FROM t WHERE a > $1", &rows, ICD_PARAMS(ICD_INT(1))));
 *     while (icd_rows_next(&rows))
 *         use(icd_rows_int(&rows, 0), icd_rows_bytes(&rows, 1));          // views until the next row
 *     IC_TRY(icd_rows_end(&rows));
 *
 * Statements are string literals: the pointer is the key of the cache of prepared ones. The SQL is the
 * subset that both databases read: parameters `$1`, `$2` in order of first use, ON CONFLICT, no
 * AUTOINCREMENT, no PRAGMA. One store, one thread.
 */
#ifndef ICD_STORE_H
#define ICD_STORE_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>

struct icd_store;

enum { ICD_STORE_WHY = 224 };

/* Opens or makes the database (mode 0600) and migrates it forward to this program's schema. ":memory:"
 * is a store of its own that dies with the object. On an error `why` (ICD_STORE_WHY bytes) tells people:
 * IC_ERR_UNSUPPORTED where the schema is newer than this program, IC_ERR_IO, IC_ERR_NOMEM. */
ic_err icd_store_open(const char *path, char *why, struct icd_store **out);
/* The steps of another schema: step i takes it from version i to i + 1, each in a transaction of its own.
 * Borrowed for the call. */
struct icd_schema {
    const char *const *steps;
    size_t count;
};
ic_err icd_store_open_schema(const char *path, const struct icd_schema *schema, char *why,
                             struct icd_store **out);
/* Rolls back what is not committed. Accepts NULL. */
void icd_store_close(struct icd_store *s);
/* The schema this program makes and reads. */
int icd_store_schema(void);

/* IC_ERR_IO where the database fails. Transactions do not nest; a savepoint lives inside one, and
 * setting it again moves it. */
ic_err icd_store_begin(struct icd_store *s);
ic_err icd_store_commit(struct icd_store *s);
void icd_store_rollback(struct icd_store *s);
bool icd_store_in_transaction(const struct icd_store *s);
ic_err icd_store_mark(struct icd_store *s);
/* Undoes what came after the mark. */
ic_err icd_store_undo(struct icd_store *s);

enum icd_value_type { ICD_VALUE_NULL, ICD_VALUE_INT, ICD_VALUE_BLOB, ICD_VALUE_TEXT };
struct icd_value {
    enum icd_value_type type;
    int64_t i;
    struct ic_view v;
};
struct icd_params {
    const struct icd_value *values;
    size_t count;
};
#define ICD_INT(x) ((struct icd_value){.type = ICD_VALUE_INT, .i = (int64_t)(x)})
#define ICD_BLOB(x) ((struct icd_value){.type = ICD_VALUE_BLOB, .v = (x)})
#define ICD_TEXT(x) ((struct icd_value){.type = ICD_VALUE_TEXT, .v = (x)})
#define ICD_NULL ((struct icd_value){.type = ICD_VALUE_NULL})
#define ICD_PARAMS(...)                                                                            \
    ((struct icd_params){(const struct icd_value[]){__VA_ARGS__},                                  \
                         sizeof((const struct icd_value[]){__VA_ARGS__}) /                         \
                             sizeof(struct icd_value)})
#define ICD_NO_PARAMS ((struct icd_params){0})

/* changed (may be NULL): how many rows. IC_ERR_EXISTS where a unique key forbids it, IC_ERR_IO. */
ic_err icd_store_exec(struct icd_store *s, const char *sql, uint64_t *changed,
                      struct icd_params params);

struct icd_rows {
    struct icd_store *store;
    void *statement;
    ic_err err;
    bool first;
};
/* On IC_OK end with icd_rows_end. */
ic_err icd_store_query(struct icd_store *s, const char *sql, struct icd_rows *out,
                       struct icd_params params);
bool icd_rows_next(struct icd_rows *r);
/* NULL gives 0 and the empty view. */
int64_t icd_rows_int(const struct icd_rows *r, int column);
struct ic_view icd_rows_bytes(const struct icd_rows *r, int column);
/* The error of any step; may be called before the last row. */
ic_err icd_rows_end(struct icd_rows *r);
/* One row of one integer. IC_ERR_NOT_FOUND. */
ic_err icd_store_int(struct icd_store *s, const char *sql, int64_t *out, struct icd_params params);

/* Outside of a transaction: what was deleted is gone from the files too, not only from the tables. */
void icd_store_tidy(struct icd_store *s);

/* Tests: the next commit fails as a full disk does, once. */
void icd_store_fail_next_commit(struct icd_store *s);

#endif
