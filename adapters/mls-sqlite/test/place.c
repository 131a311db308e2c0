#include "place.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

ic_err place_open(struct place *p)
{
    if (!*p->folder) {
        const char *tmp = getenv("TMPDIR");
        snprintf(p->folder, sizeof p->folder, "%s/mls-sqlite-XXXXXX", tmp ? tmp : "/tmp");
        if (!mkdtemp(p->folder))
            return IC_ERR_IO;
        snprintf(p->path, sizeof p->path, "%s/groups.db", p->folder);
    }
    IC_TRY(ic_mls_sqlite_open(p->path, &p->db));
    /* No power is cut here, and waiting for disks would be all that these tests do. */
    return sqlite3_exec(ic_mls_sqlite_db(p->db), "PRAGMA synchronous = OFF", NULL, NULL, NULL) ==
                   SQLITE_OK
               ? IC_OK
               : IC_ERR_IO;
}

void place_close(struct place *p)
{
    ic_mls_sqlite_close(p->db);
    p->db = NULL;
    DIR *d = *p->folder ? opendir(p->folder) : NULL;
    for (struct dirent *e; d && (e = readdir(d));) {
        char path[sizeof p->folder + sizeof e->d_name + 1];
        snprintf(path, sizeof path, "%s/%s", p->folder, e->d_name);
        unlink(path);
    }
    if (d)
        closedir(d);
    rmdir(p->folder);
}

ic_err place_save(struct place *p, struct ic_mls_group *g)
{
    struct ic_mls_sqlite_group *held;
    IC_TRY(ic_mls_sqlite_group_open(p->db, ic_mls_context(g)->group_id, &held));
    ic_err e = ic_mls_save(g, ic_mls_sqlite_group_store(held));
    if (e == IC_ERR_STALE)
        e = ic_mls_save_anew(g, ic_mls_sqlite_group_store(held));
    ic_mls_sqlite_group_close(held);
    return e;
}

ic_err place_load(struct place *p, const struct world *w, size_t who, struct ic_view group_id,
                  struct ic_mls_group **out)
{
    const struct ic_sign_key *const signers[] = {w->people[who].signer};
    struct ic_mls_sqlite_group *held;
    IC_TRY(ic_mls_sqlite_group_open(p->db, group_id, &held));
    ic_err e = ic_mls_load(&w->config, signers, 1, ic_mls_sqlite_group_store(held), out);
    ic_mls_sqlite_group_close(held);
    return e;
}

static ic_err append_file(const char *path, struct ic_buf *out)
{
    uint8_t block[65536];
    size_t n;
    FILE *f = fopen(path, "rb");
    if (!f)
        return IC_ERR_IO;
    ic_err e = IC_OK;
    while (e == IC_OK && (n = fread(block, 1, sizeof block, f)) > 0)
        e = ic_buf_append(out, ic_view(block, n));
    fclose(f);
    return e;
}

ic_err place_files(const struct place *p, struct ic_buf *out, size_t *count)
{
    ic_err e = IC_OK;
    DIR *d = opendir(p->folder);
    *count = 0;
    for (struct dirent *entry; d && e == IC_OK && (entry = readdir(d));) {
        char path[sizeof p->folder + sizeof entry->d_name + 1];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", p->folder, entry->d_name);
        e = append_file(path, out);
        ++*count;
    }
    if (d)
        closedir(d);
    return d ? e : IC_ERR_IO;
}
