/* The first byte chooses: an announcement, a withdrawal, or a name. What decodes encodes to what decodes to
 * the same, and what a decoder lets through a sealer takes. */
#include <ic/together/file_list.h>
#include <ic/together/kinds.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void announcement(struct ic_view v)
{
    struct ic_together_file f, again;
    struct ic_together_opener *o;
    uint8_t aad[IC_TOGETHER_FILE_AAD];
    IC_BUF_SCOPE(b, 4096);
    if (ic_together_file_decode(v, &f) != IC_OK)
        return;
    if (ic_together_file_encode(&f, &b) != IC_OK ||
        ic_together_file_decode(ic_buf_view(&b), &again) != IC_OK ||
        memcmp(&f, &again, sizeof f) != 0)
        abort();
    ic_together_file_aad(&f, ic_together_file_chunks(&f) - 1, aad);
    if (ic_together_opener_new(&f, &o) == IC_OK)
        ic_together_opener_free(o);
}

static void name(struct ic_view v)
{
    char once[IC_TOGETHER_FILE_NAME_MAX + 1], twice[IC_TOGETHER_FILE_NAME_MAX + 1];
    ic_together_file_name(v, once);
    ic_together_file_name(ic_view_cstr(once), twice);
    if (!once[0] || once[0] == '.' || strchr(once, '/') || strcmp(once, twice) != 0 ||
        !ic_view_is_text(ic_view_cstr(once)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t by[32] = {0}, id[IC_TOGETHER_FILE_ID];
    size_t index;
    if (size == 0)
        return 0;
    struct ic_view v = ic_view(data + 1, size - 1);
    if (data[0] % 3 == 0) {
        announcement(v);
    } else if (data[0] % 3 == 1) {
        struct ic_together_files *l;
        IC_IGNORE(ic_together_file_id_parse(v, id));
        if (ic_together_files_new(&l) != IC_OK)
            return 0;
        IC_IGNORE(ic_together_files_said(l, IC_TOGETHER_FILE, v, by, false, &index));
        IC_IGNORE(ic_together_files_said(l, IC_TOGETHER_FILE_WITHDRAWN, v, by, true, &index));
        ic_together_files_free(l);
    } else {
        name(v);
    }
    return 0;
}
