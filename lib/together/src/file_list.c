#include <ic/together/file_list.h>
#include <ic/together/kinds.h>

#include <ic/base/mem.h>
#include <ic/base/secret.h>
#include <string.h>

struct ic_together_files {
    struct ic_together_files_entry *entries;
    size_t count, cap;
};

ic_err ic_together_files_new(struct ic_together_files **out)
{
    struct ic_together_files *l = ic_new(struct ic_together_files);
    if (!l)
        return IC_ERR_NOMEM;
    *out = l;
    return IC_OK;
}

void ic_together_files_free(struct ic_together_files *l)
{
    if (!l)
        return;
    ic_free_secret(l->entries, l->cap * sizeof *l->entries);
    ic_free(l);
}

/* Keys move when the list grows: what they leave behind is wiped. */
static ic_err grow(struct ic_together_files *l)
{
    if (l->count < l->cap)
        return IC_OK;
    size_t cap = l->cap ? 2 * l->cap : 16;
    struct ic_together_files_entry *more = ic_new_array(cap, struct ic_together_files_entry);
    if (!more)
        return IC_ERR_NOMEM;
    if (l->count)
        memcpy(more, l->entries, l->count * sizeof *more);
    ic_free_secret(l->entries, l->cap * sizeof *l->entries);
    l->entries = more;
    l->cap = cap;
    return IC_OK;
}

static ic_err add(struct ic_together_files *l, struct ic_view body, const uint8_t by[32],
                  size_t *index)
{
    size_t at;
    struct ic_together_files_entry e = {0};
    IC_TRY(ic_together_file_decode(body, &e.file));
    ic_err err = IC_OK;
    if (ic_together_files_find(l, e.file.id, &at) == IC_OK)
        err = IC_ERR_EXISTS;
    else if (l->count == IC_TOGETHER_FILES_MAX)
        err = IC_ERR_LIMIT;
    else
        err = grow(l);
    if (err == IC_OK) {
        memcpy(e.by, by, sizeof e.by);
        l->entries[l->count] = e;
        *index = l->count++;
    }
    ic_wipe(&e, sizeof e);
    return err;
}

static ic_err withdraw(struct ic_together_files *l, struct ic_view body, const uint8_t by[32],
                       bool host, size_t *index)
{
    uint8_t id[IC_TOGETHER_FILE_ID];
    size_t at;
    IC_TRY(ic_together_file_gone_decode(body, id));
    IC_TRY(ic_together_files_find(l, id, &at));
    struct ic_together_files_entry *e = &l->entries[at];
    if (e->gone)
        return IC_ERR_NOT_FOUND;
    if (!host && memcmp(e->by, by, sizeof e->by) != 0)
        return IC_ERR_DENIED;
    e->gone = true;
    ic_wipe(e->file.key, sizeof e->file.key);
    *index = at;
    return IC_OK;
}

ic_err ic_together_files_said(struct ic_together_files *l, uint16_t kind, struct ic_view body,
                              const uint8_t by[32], bool host, size_t *index)
{
    if (kind == IC_TOGETHER_FILE)
        return add(l, body, by, index);
    if (kind == IC_TOGETHER_FILE_WITHDRAWN)
        return withdraw(l, body, by, host, index);
    return IC_ERR_UNSUPPORTED;
}

size_t ic_together_files_count(const struct ic_together_files *l)
{
    return l->count;
}

const struct ic_together_files_entry *ic_together_files_at(const struct ic_together_files *l,
                                                           size_t i)
{
    assert(i < l->count);
    return &l->entries[i];
}

ic_err ic_together_files_find(const struct ic_together_files *l,
                              const uint8_t id[IC_TOGETHER_FILE_ID], size_t *index)
{
    for (size_t i = 0; i < l->count; i++) {
        if (memcmp(l->entries[i].file.id, id, IC_TOGETHER_FILE_ID) == 0) {
            *index = i;
            return IC_OK;
        }
    }
    return IC_ERR_NOT_FOUND;
}
