#include "store/migrations.h"

static const char *const steps[] = {
    /* 0 -> 1: organisations, meetings, groups with their log and commits. */
    "CREATE TABLE orgs("
    " id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, token_hash BLOB NOT NULL UNIQUE,"
    " created_ms BIGINT NOT NULL);"
    "CREATE TABLE meetings("
    " id BLOB PRIMARY KEY, org INTEGER NOT NULL, kind INTEGER NOT NULL, state INTEGER NOT NULL,"
    " title TEXT NOT NULL, number TEXT UNIQUE, terms BLOB NOT NULL, start_s BIGINT NOT NULL,"
    " end_s BIGINT NOT NULL, created_ms BIGINT NOT NULL, changed_ms BIGINT NOT NULL);"
    "CREATE INDEX meetings_by_org ON meetings(org, created_ms);"
    "CREATE INDEX meetings_by_change ON meetings(state, changed_ms);"
    "CREATE TABLE invited("
    " meeting BLOB NOT NULL, place INTEGER NOT NULL, who TEXT NOT NULL, PRIMARY KEY(meeting, place));"
    /* One row a running session. seq, log_bytes: of the log so far. group_info, epoch_seq: of the
     * epoch, and of the one before, to which a void commit returns. */
    "CREATE TABLE groups("
    " group_id BLOB PRIMARY KEY, meeting BLOB NOT NULL UNIQUE, epoch BIGINT NOT NULL,"
    " seq BIGINT NOT NULL, log_bytes BIGINT NOT NULL, group_info BLOB NOT NULL,"
    " admission BLOB NOT NULL, epoch_seq BIGINT NOT NULL, prev_group_info BLOB NOT NULL,"
    " prev_admission BLOB NOT NULL, prev_epoch_seq BIGINT NOT NULL,"
    " created_ms BIGINT NOT NULL);"
    /* The one total order. void: a commit that members could not apply. */
    "CREATE TABLE log("
    " group_id BLOB NOT NULL, seq BIGINT NOT NULL, kind INTEGER NOT NULL, epoch BIGINT NOT NULL,"
    " time_ms BIGINT NOT NULL, is_void INTEGER NOT NULL, body BLOB NOT NULL,"
    " PRIMARY KEY(group_id, seq));"
    /* The compare-and-swap: whose row is here first has the epoch. attempt 1: the replacement. */
    "CREATE TABLE commits("
    " group_id BLOB NOT NULL, epoch BIGINT NOT NULL, attempt INTEGER NOT NULL, seq BIGINT NOT NULL,"
    " committer BLOB NOT NULL, PRIMARY KEY(group_id, epoch, attempt));"
    /* Where a restart rebuilds the public view of a group from; the log after seq is replayed. */
    "CREATE TABLE snapshots("
    " group_id BLOB NOT NULL, epoch BIGINT NOT NULL, seq BIGINT NOT NULL, group_info BLOB NOT NULL,"
    " tree BLOB NOT NULL, PRIMARY KEY(group_id, epoch));"
    /* A Welcome serves many joiners; one that has spoken in the group needs it no more. */
    "CREATE TABLE welcomes("
    " group_id BLOB NOT NULL, seq BIGINT NOT NULL, welcome BLOB NOT NULL, tree_hash BLOB NOT NULL,"
    " admission BLOB NOT NULL, PRIMARY KEY(group_id, seq));"
    "CREATE TABLE joiners("
    " group_id BLOB NOT NULL, signature_key BLOB NOT NULL, seq BIGINT NOT NULL,"
    " PRIMARY KEY(group_id, signature_key));"
    /* The server's own keys: sig is the signature scheme. They propose Removes of the absent. */
    "CREATE TABLE server_keys(sig INTEGER PRIMARY KEY, private_key BLOB NOT NULL);",
    /* 1 -> 2: the ciphertext of files lies beside the database, below its session's name. */
    "CREATE TABLE files("
    " group_id BLOB NOT NULL, file TEXT NOT NULL, owner BLOB NOT NULL, size BIGINT NOT NULL,"
    " done INTEGER NOT NULL, created_ms BIGINT NOT NULL, PRIMARY KEY(group_id, file));",
};

const struct icd_schema *icd_migrations(void)
{
    static const struct icd_schema schema = {steps, sizeof(steps) / sizeof(steps[0])};
    return &schema;
}
