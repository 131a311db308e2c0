#include "state_file.h"

#include <ic/base/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[STATE_FIELDS] = {"suite",  "signer", "state",   "authenticator",
                                                "export", "late",   "skipped", "key-package",
                                                "ref",    "commit"};

void state_file_init(struct state_file *f)
{
    for (size_t i = 0; i < STATE_FIELDS; i++)
        ic_buf_init(&f->field[i], 1 << 20);
}

void state_file_clear(struct state_file *f)
{
    for (size_t i = 0; i < STATE_FIELDS; i++)
        ic_buf_clear(&f->field[i]);
}

static ic_err read_line(char *line, struct state_file *f)
{
    char *value = strstr(line, ": ");
    if (!value)
        return IC_ERR_MALFORMED;
    *value = 0;
    value += 2;
    value[strcspn(value, "\n")] = 0;
    for (size_t i = 0; i < STATE_FIELDS; i++)
        if (strcmp(line, names[i]) == 0)
            return ic_hex_decode(ic_view_cstr(value), &f->field[i]);
    return IC_ERR_MALFORMED;
}

ic_err state_file_read(const char *path, struct state_file *f)
{
    char *line = NULL;
    size_t cap = 0;
    ic_err e = IC_OK;
    FILE *in = fopen(path, "r");
    if (!in)
        return IC_ERR_NOT_FOUND;
    while (e == IC_OK && getline(&line, &cap, in) > 0)
        if (*line != '#')
            e = read_line(line, f);
    free(line);
    fclose(in);
    for (size_t i = 0; i < STATE_COMMIT && e == IC_OK; i++)
        e = f->field[i].len > 0 ? IC_OK : IC_ERR_MALFORMED;
    return e;
}

ic_err state_file_write(const char *path, const struct state_file *f)
{
    FILE *out = fopen(path, "w");
    if (!out)
        return IC_ERR_IO;
    for (size_t i = 0; i < STATE_FIELDS; i++) {
        fprintf(out, "%s: ", names[i]);
        for (size_t k = 0; k < f->field[i].len; k++)
            fprintf(out, "%02x", f->field[i].p[k]);
        fputc('\n', out);
    }
    return fclose(out) == 0 ? IC_OK : IC_ERR_IO;
}
