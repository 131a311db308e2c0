/* Files in the terminal: /send PATH, /files, /get N [PATH], /pause N, /resume N, /cancel N, /withdraw N. */
#ifndef ICC_CLI_TERMINAL_FILES_H
#define ICC_CLI_TERMINAL_FILES_H

#include "terminal.h"

/* True where the line is one of these commands. */
bool icc_terminal_file_command(struct icc_terminal *t, struct ic_view line);
/* The view's op. */
void icc_terminal_files(void *self, const struct icc_files_event *e);

#endif
