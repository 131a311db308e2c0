/* The connection, and slots: where values stand. */
#ifndef IC_MLS_SQLITE_INTERNAL_H
#define IC_MLS_SQLITE_INTERNAL_H

#include <ic/mls_sqlite/store.h>
#include <sqlite3.h>

enum ic_mls_sqlite_statement {
    IC_MLS_SQLITE_SLOT_NEW,
    IC_MLS_SQLITE_SLOT_WRITE,
    IC_MLS_SQLITE_SLOT_WIPE,
    IC_MLS_SQLITE_SLOT_READ,
    IC_MLS_SQLITE_FREE_FIND,
    IC_MLS_SQLITE_FREE_PUT,
    IC_MLS_SQLITE_FREE_TAKE,
    IC_MLS_SQLITE_RECORD_FIND,
    IC_MLS_SQLITE_RECORD_PUT,
    IC_MLS_SQLITE_RECORD_RANGE,
    IC_MLS_SQLITE_RECORD_NEXT,
    IC_MLS_SQLITE_RECORD_ERASE,
    IC_MLS_SQLITE_GROUP_FIND,
    IC_MLS_SQLITE_GROUP_PUT,
    IC_MLS_SQLITE_GROUP_ERASE,
    IC_MLS_SQLITE_GROUP_LIST,
    IC_MLS_SQLITE_STATEMENTS
};

struct ic_mls_sqlite {
    sqlite3 *db;
    bool own; /* the connection */
    sqlite3_stmt *statements[IC_MLS_SQLITE_STATEMENTS];
    char error[256];
};

/* What SQLite said, as an ic_err; the words are kept. */
ic_err ic_mls_sqlite_result(struct ic_mls_sqlite *s, int rc);
ic_err ic_mls_sqlite_run(struct ic_mls_sqlite *s, const char *sql);
/* A prepared statement, reset and without bindings. */
ic_err ic_mls_sqlite_prepared(struct ic_mls_sqlite *s, enum ic_mls_sqlite_statement which,
                              sqlite3_stmt **out);
/* Runs a statement that gives no row, and resets it. */
ic_err ic_mls_sqlite_finish(struct ic_mls_sqlite *s, sqlite3_stmt *q);
/* Runs it to its first row: IC_ERR_NOT_FOUND where there is none, and it is reset then. */
ic_err ic_mls_sqlite_first(struct ic_mls_sqlite *s, sqlite3_stmt *q);

/* The bytes of a slot are overwritten where they stand; a slot is never deleted, and a free one is all zeros.
 * *slot: 0, or where the value stood (was: its length), which is used again or wiped. */
ic_err ic_mls_sqlite_slot_put(struct ic_mls_sqlite *s, struct ic_view value, size_t was,
                              int64_t *slot);
ic_err ic_mls_sqlite_slot_wipe(struct ic_mls_sqlite *s, int64_t slot, size_t len);
/* Appended; secret. */
ic_err ic_mls_sqlite_slot_get(struct ic_mls_sqlite *s, int64_t slot, size_t len,
                              struct ic_buf *out);

#endif
