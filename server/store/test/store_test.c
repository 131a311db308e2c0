#include "store/migrations.h"
#include "store/store.h"

#include <ic/base/test.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char why[ICD_STORE_WHY];

static struct icd_store *memory(void)
{
    struct icd_store *s = NULL;
    return icd_store_open(":memory:", why, &s) == IC_OK ? s : NULL;
}

static char *temp_path(char *dir, char *path)
{
    strcpy(dir, "/tmp/icd-store-XXXXXX");
    if (!mkdtemp(dir))
        abort();
    sprintf(path, "%s/incamera.db", dir);
    return path;
}

static void temp_remove(const char *dir)
{
    static const char *const names[] = {"incamera.db", "incamera.db-wal", "incamera.db-shm"};
    char path[128];
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
    }
    rmdir(dir);
}

static ic_err insert_key(struct icd_store *s, int sig)
{
    return icd_store_exec(s, "INSERT INTO server_keys(sig, private_key) VALUES($1, $2)", NULL,
                          ICD_PARAMS(ICD_INT(sig), ICD_BLOB(IC_VIEW_STR("k\0ey"))));
}

static int64_t count_keys(struct icd_store *s)
{
    int64_t n = -1;
    return icd_store_int(s, "SELECT COUNT(*) FROM server_keys", &n, ICD_NO_PARAMS) == IC_OK ? n
                                                                                            : -1;
}

TEST(store_gives_back_what_it_took)
{
    struct icd_store *s = memory();
    CHECK(s);
    CHECK_OK(insert_key(s, 7));
    struct icd_rows rows;
    CHECK_OK(icd_store_query(s, "SELECT sig, private_key FROM server_keys WHERE sig = $1", &rows,
                             ICD_PARAMS(ICD_INT(7))));
    CHECK(icd_rows_next(&rows));
    CHECK_EQ_INT(icd_rows_int(&rows, 0), 7);
    CHECK_BYTES(icd_rows_bytes(&rows, 1), IC_VIEW_STR("k\0ey"));
    CHECK(!icd_rows_next(&rows));
    CHECK_OK(icd_rows_end(&rows));
    CHECK_ERR(insert_key(s, 7), IC_ERR_EXISTS);
    icd_store_close(s);
}

TEST(store_stores_an_empty_blob_as_no_null)
{
    struct icd_store *s = memory();
    CHECK_OK(icd_store_exec(s, "INSERT INTO server_keys(sig, private_key) VALUES($1, $2)", NULL,
                            ICD_PARAMS(ICD_INT(1), ICD_BLOB(ic_view(NULL, 0)))));
    CHECK_EQ_INT(count_keys(s), 1);
    icd_store_close(s);
}

TEST(store_rolls_back_and_undoes_to_the_mark)
{
    struct icd_store *s = memory();
    CHECK_OK(icd_store_begin(s));
    CHECK_OK(icd_store_mark(s));
    CHECK_OK(insert_key(s, 1));
    CHECK_OK(icd_store_mark(s));
    CHECK_OK(insert_key(s, 2));
    CHECK_OK(insert_key(s, 3));
    CHECK_OK(icd_store_undo(s));
    CHECK_EQ_INT(count_keys(s), 1);
    CHECK_OK(icd_store_commit(s));
    CHECK_EQ_INT(count_keys(s), 1);
    CHECK_OK(icd_store_begin(s));
    CHECK_OK(insert_key(s, 4));
    icd_store_rollback(s);
    CHECK_EQ_INT(count_keys(s), 1);
    icd_store_close(s);
}

TEST(store_commit_that_fails_leaves_nothing)
{
    struct icd_store *s = memory();
    icd_store_fail_next_commit(s);
    CHECK_OK(icd_store_begin(s));
    CHECK_OK(insert_key(s, 1));
    CHECK_ERR(icd_store_commit(s), IC_ERR_IO);
    CHECK(!icd_store_in_transaction(s));
    CHECK_EQ_INT(count_keys(s), 0);
    icd_store_close(s);
}

static ic_err take_epoch(struct icd_store *s, int epoch, uint64_t *won)
{
    return icd_store_exec(s,
                          "INSERT INTO commits(group_id, epoch, attempt, seq, committer)"
                          " VALUES($1, $2, 0, 1, $1) ON CONFLICT DO NOTHING",
                          won, ICD_PARAMS(ICD_BLOB(IC_VIEW_STR("group")), ICD_INT(epoch)));
}

TEST(store_lets_one_commit_win_an_epoch)
{
    struct icd_store *s = memory();
    uint64_t first = 9, second = 9, next = 9;
    CHECK_OK(take_epoch(s, 5, &first));
    CHECK_OK(take_epoch(s, 5, &second));
    CHECK_OK(take_epoch(s, 6, &next));
    CHECK_EQ_INT(first, 1);
    CHECK_EQ_INT(second, 0);
    CHECK_EQ_INT(next, 1);
    icd_store_close(s);
}

/* Two processes on one file: the compare-and-swap holds across them, each epoch has one winner. */
TEST(store_lets_one_of_two_processes_win_each_epoch)
{
    char dir[64], path[96];
    struct icd_store *s = NULL;
    CHECK_OK(icd_store_open(temp_path(dir, path), why, &s));
    icd_store_close(s);
    pid_t child = fork();
    uint64_t wins = 0;
    CHECK_OK(icd_store_open(path, why, &s));
    for (int epoch = 0; epoch < 200; epoch++) {
        uint64_t won = 0;
        if (take_epoch(s, epoch, &won) != IC_OK)
            _exit(255);
        wins += won;
    }
    icd_store_close(s);
    if (child == 0)
        _exit(wins > 200 ? 255 : (int)wins);
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
    CHECK_EQ_INT(wins + (uint64_t)WEXITSTATUS(status), 200);
    temp_remove(dir);
}

TEST(store_keeps_what_was_committed_when_it_is_killed)
{
    char dir[64], path[96];
    temp_path(dir, path);
    pid_t child = fork();
    if (child == 0) {
        struct icd_store *s;
        if (icd_store_open(path, why, &s) != IC_OK || icd_store_begin(s) != IC_OK ||
            insert_key(s, 1) != IC_OK || icd_store_commit(s) != IC_OK ||
            icd_store_begin(s) != IC_OK || insert_key(s, 2) != IC_OK)
            _exit(1);
        raise(9);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    struct icd_store *s = NULL;
    CHECK_OK(icd_store_open(path, why, &s));
    CHECK_EQ_INT(count_keys(s), 1);
    icd_store_close(s);
    temp_remove(dir);
}

TEST(store_file_is_private)
{
    char dir[64], path[96];
    struct icd_store *s = NULL;
    struct stat st;
    CHECK_OK(icd_store_open(temp_path(dir, path), why, &s));
    CHECK(stat(path, &st) == 0);
    CHECK_EQ_INT(st.st_mode & 0777, 0600);
    icd_store_close(s);
    temp_remove(dir);
}

static bool file_has(const char *path, struct ic_view what)
{
    static char bytes[1 << 20];
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(bytes, 1, sizeof bytes, f) : 0;
    if (f)
        fclose(f);
    return memmem(bytes, n, what.p, what.len) != NULL;
}

TEST(store_leaves_nothing_of_what_was_deleted_in_its_files)
{
    char dir[64], path[96], wal[112];
    struct icd_store *s = NULL;
    struct ic_view text = IC_VIEW_STR("something that was said");
    CHECK_OK(icd_store_open(temp_path(dir, path), why, &s));
    sprintf(wal, "%s-wal", path);
    CHECK_OK(icd_store_exec(s, "INSERT INTO server_keys(sig, private_key) VALUES(1, $1)", NULL,
                            ICD_PARAMS(ICD_BLOB(text))));
    CHECK(file_has(wal, text));
    CHECK_OK(icd_store_exec(s, "DELETE FROM server_keys", NULL, ICD_NO_PARAMS));
    icd_store_tidy(s);
    CHECK(!file_has(wal, text) && !file_has(path, text));
    icd_store_close(s);
    temp_remove(dir);
}

TEST(store_migrates_an_empty_file_and_opens_it_again)
{
    char dir[64], path[96];
    struct icd_store *s = NULL;
    int64_t version = 0;
    temp_path(dir, path);
    for (int i = 0; i < 2; i++) {
        CHECK_OK(icd_store_open(path, why, &s));
        CHECK_OK(icd_store_int(s, "SELECT version FROM schema", &version, ICD_NO_PARAMS));
        CHECK_EQ_INT(version, icd_store_schema());
        icd_store_close(s);
    }
    temp_remove(dir);
}

TEST(store_refuses_a_newer_schema_and_says_so)
{
    char dir[64], path[96];
    struct icd_store *s = NULL;
    CHECK_OK(icd_store_open(temp_path(dir, path), why, &s));
    CHECK_OK(icd_store_exec(s, "UPDATE schema SET version = version + 1", NULL, ICD_NO_PARAMS));
    icd_store_close(s);
    CHECK_ERR(icd_store_open(path, why, &s), IC_ERR_UNSUPPORTED);
    CHECK(strstr(why, "newer version"));
    temp_remove(dir);
}

TEST(store_refuses_what_is_no_database)
{
    char dir[64], path[96];
    struct icd_store *s = NULL;
    FILE *f = fopen(temp_path(dir, path), "w");
    CHECK(f);
    for (int i = 0; i < 1000; i++)
        fputs("this is no database\n", f);
    fclose(f);
    CHECK_ERR(icd_store_open(path, why, &s), IC_ERR_IO);
    CHECK(why[0]);
    CHECK_ERR(icd_store_open("/nonexistent/dir/x.db", why, &s), IC_ERR_IO);
    temp_remove(dir);
}

TEST(a_store_has_the_schema_that_it_was_opened_with)
{
    static const char *const steps[] = {"CREATE TABLE a(x INTEGER)", "CREATE TABLE b(x INTEGER)"};
    struct icd_schema one = {steps, 1}, two = {steps, 2};
    char dir[64] = "/tmp/ic-store-XXXXXX", path[96];
    struct icd_store *s;
    int64_t n;
    CHECK_OK(icd_store_open_schema(temp_path(dir, path), &one, why, &s));
    CHECK_OK(icd_store_exec(s, "INSERT INTO a VALUES(7)", NULL, ICD_NO_PARAMS));
    icd_store_close(s);
    CHECK_OK(icd_store_open_schema(path, &two, why, &s));
    CHECK_OK(icd_store_int(s, "SELECT x FROM a", &n, ICD_NO_PARAMS));
    CHECK_EQ_INT(n, 7);
    CHECK_OK(icd_store_exec(s, "INSERT INTO b VALUES(8)", NULL, ICD_NO_PARAMS));
    icd_store_close(s);
    CHECK_ERR(icd_store_open_schema(path, &one, why, &s), IC_ERR_UNSUPPORTED);
    temp_remove(dir);
}
