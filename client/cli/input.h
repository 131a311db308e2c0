/* Standard input on the loop: whole lines, or single keys where it is a terminal in raw mode.
 *
 * Lines longer than 8 KiB are cut. Where standard input is a file or closed, nothing comes.
 */
#ifndef ICC_CLI_INPUT_H
#define ICC_CLI_INPUT_H

#include <ic/base/bytes.h>
#include <stdbool.h>
#include <uv.h>

struct icc_input;

/* on_bytes: raw keys as they come (terminal); or on_line: lines without their end. One of both. */
struct icc_input *icc_input_open(uv_loop_t *loop, void (*on_line)(void *ctx, struct ic_view line),
                                 void (*on_bytes)(void *ctx, struct ic_view bytes), void *ctx);
/* Gives the terminal its mode back. Accepts NULL. The handle closes with the loop's next turn. */
void icc_input_close(struct icc_input *in);

#endif
