/* Files at the server: who may, how much, in pieces, and that nothing stays. The disk is a real folder. */
#include "world.h"

#include "files/disk.h"
#include "files/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <ic/base/mem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = ICD_FILES_PIECE };
static const char one[] = ICD_FILES_PATH "/AAAAAAAAAAAAAAAAAAAAAA";
static const char two[] = ICD_FILES_PATH "/BBBBBBBBBBBBBBBBBBBBBB";

struct place {
    char dir[64];
    struct icd_files_disk *disk;
    struct icd_disk seam;
};

static void place_open(struct place *p, struct world *w)
{
    strcpy(p->dir, "/tmp/ic-files-XXXXXX");
    CHECK(mkdtemp(p->dir) != NULL);
    CHECK_OK(icd_disk_open(p->dir, &p->disk));
    p->seam = icd_disk_seam(p->disk);
    w->config.disk = &p->seam;
    world_restart(w);
}

static bool keep_none(void *ctx, const char *session, const char *file)
{
    (void)ctx;
    (void)session;
    (void)file;
    return false;
}

static void place_close(struct place *p)
{
    if (p->disk)
        p->seam.ops->sweep(p->disk, keep_none, NULL);
    icd_disk_close(p->disk);
    rmdir(p->dir);
}

/* Declared before the world, so that it outlives it. */
#define PLACE(name) __attribute__((cleanup(place_close))) struct place name = {0}

/* How many files lie below the folder, sessions not counted. */
static size_t on_disk(const struct place *p)
{
    size_t n = 0;
    DIR *top = opendir(p->dir);
    for (struct dirent *e = readdir(top); e; e = readdir(top)) {
        char path[400];
        snprintf(path, sizeof path, "%s/%s", p->dir, e->d_name);
        DIR *dir = e->d_name[0] == '.' ? NULL : opendir(path);
        for (struct dirent *f = dir ? readdir(dir) : NULL; f; f = readdir(dir))
            n += f->d_name[0] != '.';
        if (dir)
            closedir(dir);
    }
    closedir(top);
    return n;
}

static struct ic_buf token_of(struct person *p)
{
    struct ic_wire_frame f = {.type = IC_WIRE_FILES_OPEN};
    struct ic_buf token = {.max = 64};
    person_send(p, &f);
    if (person_skip_to(p, IC_WIRE_FILES_OPENED))
        IC_IGNORE(ic_buf_append(&token, p->last->f.files_opened.token));
    return token;
}
#define TOKEN(name, p) __attribute__((cleanup(ic_buf_clear))) struct ic_buf name = token_of(p)

struct answer {
    struct icd_files_plan plan;
    struct ic_buf body;
};

static void ask(struct world *w, struct answer *a, const struct ic_buf *token, const char *method,
                const char *path, const char *query, size_t body_len)
{
    struct icd_files_call c = {.method = ic_view_cstr(method),
                               .path = ic_view_cstr(path),
                               .query = ic_view_cstr(query),
                               .token = ic_buf_view(token),
                               .body_len = body_len,
                               .now_ms = w->now_ms};
    ic_buf_clear(&a->body);
    ic_buf_init(&a->body, 4096);
    if (method[0] == 'G') {
        c.range = c.query;
        c.query = ic_view(NULL, 0);
    }
    icd_files_call(w->core, &c, &a->plan, &a->body);
}

static void answer_clear(struct answer *a)
{
    ic_buf_clear(&a->body);
}
#define ANSWER(name) __attribute__((cleanup(answer_clear))) struct answer name = {0}

#define SAYS(a, want_status, text)                                                                 \
    do {                                                                                           \
        CHECK_EQ_INT((a).plan.act, ICD_FILES_ANSWER);                                              \
        CHECK_EQ_INT((a).plan.status, want_status);                                                \
        CHECK(ic_buf_append(&(a).body, ic_view("", 1)) == IC_OK &&                                 \
              strstr((char *)(a).body.p, text));                                                   \
    } while (0)

/* One piece, all the way. */
static void put(struct world *w, struct place *p, struct answer *a, const struct ic_buf *token,
                const char *path, uint64_t at, size_t len)
{
    static uint8_t bytes[PIECE];
    char query[32];
    snprintf(query, sizeof query, "at=%llu", (unsigned long long)at);
    ask(w, a, token, "PUT", path, query, len);
    if (a->plan.act != ICD_FILES_WRITE)
        return;
    memset(bytes, (int)(at / PIECE) + 1, len);
    ic_err e = icd_disk_write(p->disk, &a->plan.place, a->plan.at, ic_view(bytes, len));
    icd_files_written(w->core, &a->plan, e, &a->body);
    a->plan.act = ICD_FILES_ANSWER;
}

static void two_in_a_meeting(struct world *w)
{
    world_meeting(w, IC_WIRE_INSTANT);
    world_open_group(w, &w->people[0]);
    world_admit(w, &w->people[0], &w->people[1]);
}

TEST(files_go_in_in_pieces_and_come_out_whole)
{
    PLACE(p);
    WORLD(w);
    ANSWER(a);
    STEP(place_open(&p, &w));
    STEP(two_in_a_meeting(&w));
    TOKEN(ben, &w.people[1]);
    CHECK_EQ_INT(ben.len, ICD_FILES_TOKEN_LEN);
    ask(&w, &a, &ben, "POST", one, "size=262154", 0);
    SAYS(a, 201, "\"have\":0");
    ask(&w, &a, &ben, "GET", one, "", 0);
    SAYS(a, 404, "not-found"); /* no part of it is shown */
    put(&w, &p, &a, &ben, one, 0, PIECE);
    SAYS(a, 200, "\"have\":262144");
    ask(&w, &a, &ben, "GET", one, "", 0);
    SAYS(a, 404, "not-found");
    put(&w, &p, &a, &ben, one, PIECE, 10);
    SAYS(a, 200, "\"have\":262154");
    TOKEN(ana, &w.people[0]);
    ask(&w, &a, &ana, "GET", one, "", 0);
    CHECK_EQ_INT(a.plan.act, ICD_FILES_READ);
    CHECK_EQ_INT(a.plan.status, 200);
    CHECK_EQ_INT(a.plan.len, PIECE + 10);
    uint8_t tail[10];
    int fd;
    CHECK_OK(icd_disk_read(p.disk, &a.plan.place, &fd));
    CHECK_EQ_INT(pread(fd, tail, sizeof tail, PIECE), 10);
    close(fd);
    CHECK_EQ_INT(tail[9], 2);
    ask(&w, &a, &ana, "GET", one, "bytes=262144-", 0);
    CHECK_EQ_INT(a.plan.status, 206);
    CHECK_EQ_INT(a.plan.at, PIECE);
    CHECK_EQ_INT(a.plan.len, 10);
    ask(&w, &a, &ana, "GET", one, "bytes=5-9", 0);
    CHECK_EQ_INT(a.plan.len, 5);
    ask(&w, &a, &ana, "GET", one, "bytes=-5", 0);
    CHECK_EQ_INT(a.plan.status, 200); /* a form that is passed over */
    ask(&w, &a, &ana, "GET", one, "bytes=262154-", 0);
    SAYS(a, 416, "range");
}

TEST(files_pieces_in_the_wrong_place_are_told_the_right_one)
{
    PLACE(p);
    WORLD(w);
    ANSWER(a);
    ANSWER(b);
    STEP(place_open(&p, &w));
    STEP(two_in_a_meeting(&w));
    TOKEN(ben, &w.people[1]);
    TOKEN(ana, &w.people[0]);
    ask(&w, &a, &ben, "PUT", one, "at=0", 10);
    SAYS(a, 404, "not-found");
    ask(&w, &a, &ben, "POST", one, "size=300000", 0);
    put(&w, &p, &a, &ben, one, PIECE, 10);
    SAYS(a, 409, "\"have\":0");
    put(&w, &p, &a, &ben, one, 0, 10);
    SAYS(a, 400, "invalid");
    ask(&w, &a, &ana, "PUT", one, "at=0", PIECE);
    SAYS(a, 404, "not-found"); /* not hers */
    ask(&w, &a, &ana, "POST", one, "size=300000", 0);
    SAYS(a, 409, "exists");
    ask(&w, &a, &ben, "PUT", one, "at=0", PIECE);
    CHECK_EQ_INT(a.plan.act, ICD_FILES_WRITE);
    ask(&w, &b, &ben, "PUT", one, "at=0", PIECE);
    SAYS(b, 409, "busy");
    /* The disk is full: nothing is acknowledged, and the same piece may come again. */
    icd_files_written(w.core, &a.plan, IC_ERR_LIMIT, &a.body);
    a.plan.act = ICD_FILES_ANSWER;
    SAYS(a, 507, "full");
    put(&w, &p, &a, &ben, one, 0, PIECE);
    SAYS(a, 200, "\"have\":262144");
    ask(&w, &a, &ben, "POST", one, "size=300000", 0);
    SAYS(a, 200, "\"have\":262144");
    put(&w, &p, &a, &ben, one, 0, PIECE); /* the acknowledgement was lost */
    SAYS(a, 409, "\"have\":262144");
}

TEST(files_need_a_member_of_this_meeting)
{
    PLACE(p);
    WORLD(w);
    ANSWER(a);
    STEP(place_open(&p, &w));
    STEP(two_in_a_meeting(&w));
    struct ic_buf none = {0};
    ask(&w, &a, &none, "GET", one, "", 0);
    SAYS(a, 401, "denied");
    TOKEN(ben, &w.people[1]);
    ben.p[5] ^= 1;
    ask(&w, &a, &ben, "POST", one, "size=1", 0);
    SAYS(a, 401, "denied");
    ben.p[5] ^= 1;
    CHECK(icd_files_knows(w.core, ic_buf_view(&ben)));
    /* A stranger is answered at the door. */
    struct ic_wire_frame f = {.type = IC_WIRE_FILES_OPEN};
    STEP(person_knock(&w.people[2]));
    person_send(&w.people[2], &f);
    EXPECT_ERROR(&w.people[2], IC_WIRE_E_DENIED);
    /* Asking again gives the same right, for longer. */
    TOKEN(again, &w.people[1]);
    CHECK_BYTES(ic_buf_view(&again), ic_buf_view(&ben));
    world_wait(&w, w.config.limits.file_token_s * UINT64_C(1000) + 1);
    ask(&w, &a, &ben, "POST", one, "size=1", 0);
    SAYS(a, 401, "denied");
    ask(&w, &a, &ben, "PATCH", one, "", 0);
    SAYS(a, 401, "denied");
}

TEST(files_right_ends_with_membership)
{
    PLACE(p);
    WORLD(w);
    ANSWER(a);
    STEP(place_open(&p, &w));
    STEP(two_in_a_meeting(&w));
    TOKEN(ben, &w.people[1]);
    ask(&w, &a, &ben, "POST", one, "size=5", 0);
    SAYS(a, 201, "have");
    uint32_t leaf = ic_mls_own_leaf(w.people[1].g);
    struct ic_mls_commit_params params = {.removes = &leaf, .remove_count = 1};
    struct ic_mls_staged *staged = NULL;
    person_follow(&w.people[0]);
    STEP(person_commit(&w.people[0], &params, false, &staged));
    ask(&w, &a, &ben, "GET", one, "", 0);
    SAYS(a, 401, "denied");
}

TEST(files_limits_hold)
{
    PLACE(p);
    WORLD(w);
    ANSWER(a);
    w.config.limits.file_mib = 1;
    w.config.limits.files_mib_per_meeting = 2;
    w.config.limits.files_per_meeting = 3;
    STEP(place_open(&p, &w));
    STEP(two_in_a_meeting(&w));
    TOKEN(ben, &w.people[1]);
    ask(&w, &a, &ben, "POST", one, "size=1048577", 0);
    SAYS(a, 413, "too-long");
    ask(&w, &a, &ben, "POST", one, "size=1048576", 0);
    SAYS(a, 201, "have");
    ask(&w, &a, &ben, "POST", two, "size=1048576", 0);
    SAYS(a, 201, "have");
    ask(&w, &a, &ben, "POST", ICD_FILES_PATH "/CCCCCCCCCCCCCCCCCCCCCC", "size=1", 0);
    SAYS(a, 429, "too large together");
    ask(&w, &a, &ben, "DELETE", two, "", 0);
    CHECK_EQ_INT(a.plan.status, 204);
    ask(&w, &a, &ben, "POST", two, "size=1", 0);
    SAYS(a, 201, "have");
    ask(&w, &a, &ben, "POST", ICD_FILES_PATH "/CCCCCCCCCCCCCCCCCCCCCC", "size=1", 0);
    SAYS(a, 201, "have");
    ask(&w, &a, &ben, "POST", ICD_FILES_PATH "/DDDDDDDDDDDDDDDDDDDDDD", "size=1", 0);
    SAYS(a, 429, "too many files");
    /* The rate is the member's own. */
    int refused = 0;
    for (uint32_t i = 0; i < w.config.limits.file_requests_per_s * 5; i++) {
        ask(&w, &a, &ben, "GET", two, "", 0);
        refused += a.plan.status == 429;
    }
    CHECK(refused > 0);
    TOKEN(ana, &w.people[0]);
    ask(&w, &a, &ana, "GET", two, "", 0);
    CHECK_EQ_INT(a.plan.status, 404);
}

TEST(files_names_are_ids_and_nothing_else)
{
    static const char *const bad[] = {ICD_FILES_PATH,
                                      ICD_FILES_PATH "/",
                                      ICD_FILES_PATH "/..",
                                      ICD_FILES_PATH "/AAAAAAAAAAAAAAAAAAAAA",
                                      ICD_FILES_PATH "/AAAAAAAAAAAAAAAAAAAAAAA",
                                      ICD_FILES_PATH "/../../../../../../aa",
                                      ICD_FILES_PATH "/AAAAAAAAAAAAAAAAAAAAA/",
                                      ICD_FILES_PATH "/AAAAAAAAAAAAAAAAAAAAA."};
    static const char *const sizes[] = {
        "", "size=", "size=0", "size=-1", "size=1x", "size=99999999999999999999", "at=1"};
    PLACE(p);
    WORLD(w);
    ANSWER(a);
    STEP(place_open(&p, &w));
    STEP(two_in_a_meeting(&w));
    TOKEN(ben, &w.people[1]);
    for (size_t i = 0; i < IC_ARRAY_LEN(bad); i++) {
        ask(&w, &a, &ben, "POST", bad[i], "size=1", 0);
        SAYS(a, 404, "not-found");
    }
    for (size_t i = 0; i < IC_ARRAY_LEN(sizes); i++) {
        ask(&w, &a, &ben, "POST", one, sizes[i], 0);
        SAYS(a, 400, "invalid");
    }
    ask(&w, &a, &ben, "OPTIONS", one, "", 0);
    SAYS(a, 405, "method");
    CHECK_EQ_INT(on_disk(&p), 0);
}

TEST(files_are_withdrawn_by_their_owner_or_a_host)
{
    PLACE(p);
    WORLD(w);
    ANSWER(a);
    STEP(place_open(&p, &w));
    STEP(two_in_a_meeting(&w));
    STEP(person_follow(&w.people[1]));
    STEP(world_admit(&w, &w.people[0], &w.people[2]));
    TOKEN(ana, &w.people[0]);
    TOKEN(ben, &w.people[2]);
    ask(&w, &a, &ana, "POST", one, "size=5", 0);
    put(&w, &p, &a, &ana, one, 0, 5);
    ask(&w, &a, &ben, "DELETE", one, "", 0);
    SAYS(a, 403, "denied");
    ask(&w, &a, &ana, "DELETE", one, "", 0);
    CHECK_EQ_INT(a.plan.status, 204);
    CHECK_EQ_INT(on_disk(&p), 0);
    ask(&w, &a, &ben, "POST", two, "size=300000", 0);
    ask(&w, &a, &ben, "PUT", two, "at=0", PIECE);
    CHECK_EQ_INT(a.plan.act, ICD_FILES_WRITE);
    ANSWER(b);
    ask(&w, &b, &ana, "DELETE", two, "", 0); /* a host; while a piece is being written */
    CHECK_EQ_INT(b.plan.status, 204);
    icd_files_written(w.core, &a.plan, IC_OK, &a.body);
    a.plan.act = ICD_FILES_ANSWER;
    SAYS(a, 404, "not-found");
    CHECK_EQ_INT(on_disk(&p), 0);
}

TEST(files_go_with_their_session)
{
    PLACE(p);
    WORLD(w);
    ANSWER(a);
    STEP(place_open(&p, &w));
    STEP(two_in_a_meeting(&w));
    TOKEN(ben, &w.people[1]);
    ask(&w, &a, &ben, "POST", one, "size=5", 0);
    put(&w, &p, &a, &ben, one, 0, 5);
    ask(&w, &a, &ben, "POST", two, "size=600000", 0);
    put(&w, &p, &a, &ben, two, 0, PIECE);
    CHECK_EQ_INT(on_disk(&p), 2);
    struct ic_wire_frame f = {.type = IC_WIRE_END};
    person_send(&w.people[0], &f);
    CHECK(person_skip_to(&w.people[1], IC_WIRE_ENDED));
    CHECK_EQ_INT(on_disk(&p), 0);
    CHECK_EQ_INT(rmdir(p.dir), 0); /* not even a folder */
    CHECK_EQ_INT(mkdir(p.dir, 0700), 0);
    int64_t rows;
    CHECK_OK(icd_store_int(w.store, "SELECT COUNT(*) FROM files", &rows, ICD_NO_PARAMS));
    CHECK_EQ_INT(rows, 0);
    ask(&w, &a, &ben, "GET", one, "", 0);
    SAYS(a, 401, "denied");
}

TEST(files_of_a_lost_flush_stay_with_their_session)
{
    PLACE(p);
    WORLD(w);
    ANSWER(a);
    STEP(place_open(&p, &w));
    STEP(two_in_a_meeting(&w));
    TOKEN(ben, &w.people[1]);
    ask(&w, &a, &ben, "POST", one, "size=5", 0);
    put(&w, &p, &a, &ben, one, 0, 5);
    struct ic_wire_frame f = {.type = IC_WIRE_END};
    icd_store_fail_next_commit(w.store);
    person_send(&w.people[0], &f);
    CHECK_EQ_INT(on_disk(&p), 1);
    /* The same of a file's last piece: it is not acknowledged. */
    world_restart(&w);
}

TEST(files_survive_a_restart_and_strangers_to_a_session_are_swept)
{
    PLACE(p);
    WORLD(w);
    ANSWER(a);
    char path[200];
    STEP(place_open(&p, &w));
    STEP(two_in_a_meeting(&w));
    TOKEN(before, &w.people[1]);
    ask(&w, &a, &before, "POST", one, "size=600000", 0);
    put(&w, &p, &a, &before, one, 0, PIECE);
    /* A piece that was not acknowledged when the server died, a file without a row, a session of nobody. */
    ask(&w, &a, &before, "PUT", one, "at=262144", PIECE);
    CHECK_OK(icd_disk_write(p.disk, &a.plan.place, PIECE, IC_VIEW_STR("torn")));
    snprintf(path, sizeof path, "%s/%s/CCCCCCCCCCCCCCCCCCCCCC", p.dir, a.plan.place.session);
    close(open(path, O_WRONLY | O_CREAT, 0600));
    snprintf(path, sizeof path, "%s/0123456789abcdef0123456789abcdef", p.dir);
    CHECK_EQ_INT(mkdir(path, 0700), 0);
    CHECK_EQ_INT(on_disk(&p), 2);
    world_restart(&w);
    CHECK_EQ_INT(on_disk(&p), 1);
    CHECK(access(path, F_OK) != 0);
    CHECK(!icd_files_knows(w.core, ic_buf_view(&before)));
    STEP(person_enter(&w.people[1]));
    TOKEN(ben, &w.people[1]);
    ask(&w, &a, &ben, "POST", one, "size=600000", 0);
    SAYS(a, 200, "\"have\":262144");
    put(&w, &p, &a, &ben, one, PIECE, PIECE);
    SAYS(a, 200, "\"have\":524288");
    put(&w, &p, &a, &ben, one, 2 * PIECE, 600000 - 2 * PIECE);
    SAYS(a, 200, "\"have\":600000");
}

TEST(files_without_a_disk_are_said_to_be_missing)
{
    WORLD(w);
    STEP(two_in_a_meeting(&w));
    struct ic_wire_frame f = {.type = IC_WIRE_FILES_OPEN};
    person_forget(&w.people[1]);
    person_send(&w.people[1], &f);
    EXPECT_ERROR(&w.people[1], IC_WIRE_E_UNSUPPORTED);
}
