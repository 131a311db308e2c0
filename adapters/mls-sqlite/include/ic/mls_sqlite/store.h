/* MLS groups in an SQLite database: a store for ic_mls_save and ic_mls_load, many groups in one file.
 *
 *     struct ic_mls_sqlite *db;
 *     IC_TRY(ic_mls_sqlite_open("/home/ana/groups.db", &db));
 *     struct ic_mls_sqlite_group *held;
 *     IC_TRY(ic_mls_sqlite_group_open(db, group_id, &held));
 *     const struct ic_mls_store *store = ic_mls_sqlite_group_store(held);
 *     ic_err e = ic_mls_save(g, store);
 *     if (e != IC_OK)
 *         puts(ic_mls_sqlite_error(db));              // "SQLITE_FULL: database or disk is full"
 *     ic_mls_sqlite_group_close(held);
 *     ic_mls_sqlite_close(db);
 *
 * What is erased is overwritten in the file, in place, before the transaction is durable; the journal is cut to
 * nothing by each commit. So no old secret stays in the database's files. What a file system or a flash disk
 * keeps of overwritten blocks is out of reach. docs/mls-state.md says how that is done.
 *
 * Thread rule: a connection, and all that was opened on it, belongs to one thread at a time.
 */
#ifndef IC_MLS_SQLITE_STORE_H
#define IC_MLS_SQLITE_STORE_H

#include <ic/base/api.h>
#include <ic/mls/store.h>

IC_API_BEGIN

struct sqlite3;
struct ic_mls_sqlite;
struct ic_mls_sqlite_group;

/* Opens or makes the file (mode 0600) with a connection of its own. IC_ERR_IO; IC_ERR_MALFORMED: not a
 * database; IC_ERR_UNSUPPORTED: its tables are of a later version; IC_ERR_BUSY, IC_ERR_NOMEM. */
ic_err ic_mls_sqlite_open(const char *path, struct ic_mls_sqlite **out);
/* Makes the tables, whose names begin with ic_mls_, in a database of the application's; db is borrowed, and
 * secure_delete and temp_store are set on it. A save inside a transaction of the application's is part of it:
 * so a message's text and the group that has read it are kept together. Should that be rolled back after a
 * save, load the group again.
 * IC_ERR_STATE: the journal mode is none of DELETE and TRUNCATE, so old secrets would stay in the journal, or
 * a crash would cost the group. Errors as above. */
ic_err ic_mls_sqlite_attach(struct sqlite3 *db, struct ic_mls_sqlite **out);
/* Groups are closed before. Accepts NULL. */
void ic_mls_sqlite_close(struct ic_mls_sqlite *s);
/* The connection, for tables of the application's and transactions of its own; borrowed. */
struct sqlite3 *ic_mls_sqlite_db(struct ic_mls_sqlite *s);
/* SQLite's name and words for the last error on this connection, "" when there was none; borrowed. */
const char *ic_mls_sqlite_error(const struct ic_mls_sqlite *s);

/* Access to a group's records, which may be none yet. IC_ERR_NOMEM. */
ic_err ic_mls_sqlite_group_open(struct ic_mls_sqlite *s, struct ic_view group_id,
                                struct ic_mls_sqlite_group **out);
/* Accepts NULL. */
void ic_mls_sqlite_group_close(struct ic_mls_sqlite_group *g);
/* Borrowed from g. Besides their own, the functions give IC_ERR_BUSY: another connection writes;
 * IC_ERR_LIMIT: the disk is full; IC_ERR_IO, IC_ERR_MALFORMED (a damaged file), IC_ERR_NOMEM. */
const struct ic_mls_store *ic_mls_sqlite_group_store(const struct ic_mls_sqlite_group *g);
/* Erases all of a group. */
ic_err ic_mls_sqlite_group_erase(struct ic_mls_sqlite_group *g);
/* Gives the ids of all groups until take fails; returns what take returned. */
ic_err ic_mls_sqlite_groups(struct ic_mls_sqlite *s,
                            ic_err (*take)(void *arg, struct ic_view group_id), void *arg);

/* Key packages with their private keys, by KeyPackageRef. put replaces; find gives IC_ERR_NOT_FOUND, as does
 * erase. A join and the end of its key package belong into one transaction of the application's. */
ic_err ic_mls_sqlite_put_key_package(struct ic_mls_sqlite *s, const struct ic_mls_key_package *k);
ic_err ic_mls_sqlite_find_key_package(struct ic_mls_sqlite *s, struct ic_view ref,
                                      struct ic_mls_key_package **out);
ic_err ic_mls_sqlite_erase_key_package(struct ic_mls_sqlite *s, struct ic_view ref);

IC_API_END

#endif
