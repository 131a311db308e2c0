/* The desk inside. */
#ifndef IC_TOGETHER_SRC_DESK_H
#define IC_TOGETHER_SRC_DESK_H

#include <ic/base/json.h>
#include <ic/together/desk.h>

void ic_together_json_author(struct ic_json *j, const char *key, uint64_t author);
void ic_together_json_who(struct ic_json *j, const char *key, const struct ic_meeting *m,
                          uint64_t author);
/* Appends one line; IC_OK and nothing where there is nothing to tell. */
ic_err ic_together_board_json(const struct ic_together_board *b, const struct ic_meeting *m,
                              const struct ic_together_board_event *e, uint64_t now_ms,
                              struct ic_buf *out);
ic_err ic_together_annot_json(const struct ic_together_annot *a, const struct ic_meeting *m,
                              const struct ic_together_annot_event *e, uint64_t now_ms,
                              struct ic_buf *out);
ic_err ic_together_control_json(const struct ic_meeting *m,
                                const struct ic_together_control_event *e, uint64_t now_ms,
                                struct ic_buf *out);

#endif
