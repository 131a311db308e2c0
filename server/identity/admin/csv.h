/* Comma-separated values (RFC 4180), in and out.
 *
 *     struct icd_csv csv;
 *     icd_csv_init(&csv, body);
 *     while ((e = icd_csv_next(&csv)) == IC_OK)
 *         use(csv.field[0], csv.count, csv.line);          // views until the next row
 *     if (e != IC_ERR_AGAIN) say(csv.why, csv.line);       // AGAIN: the end
 *     icd_csv_clear(&csv);
 *
 * Fields are UTF-8 without control characters, may be quoted ("a ""b"", c"), and rows end in CRLF or LF. A
 * byte order mark at the start is passed over, and so are empty lines. Commas alone separate.
 */
#ifndef ICD_IDENTITY_CSV_H
#define ICD_IDENTITY_CSV_H

#include <ic/base/buf.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>

enum { ICD_CSV_FIELDS_MAX = 16, ICD_CSV_FIELD_MAX = 1024, ICD_CSV_ROW_MAX = 4096 };

struct icd_csv {
    struct ic_view rest;
    size_t line; /* of the row that was read, from 1; a quoted field may run over several */
    size_t next_line;
    const char *why; /* of an error: a static sentence */
    struct ic_view field[ICD_CSV_FIELDS_MAX];
    size_t count;
    struct ic_buf room; /* quoted fields without their quotes */
};

/* text is borrowed while rows are read. */
void icd_csv_init(struct icd_csv *c, struct ic_view text);
void icd_csv_clear(struct icd_csv *c);
/* The next row, one field at least. IC_ERR_AGAIN: there is none. IC_ERR_MALFORMED (quotes, text),
 * IC_ERR_LIMIT (fields, lengths): this row is wrong, and reading may go on behind it. IC_ERR_NOMEM. */
ic_err icd_csv_next(struct icd_csv *c);

/* Appends one field, with a comma before it unless first. What a spreadsheet would take for a formula (it begins
 * with = + - @, a tab or a line break) gets an apostrophe before it; quotes where they are needed. */
ic_err icd_csv_write(struct ic_buf *out, struct ic_view field, bool first);
/* CRLF. */
ic_err icd_csv_end_row(struct ic_buf *out);

#endif
