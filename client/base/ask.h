/* Secrets from the person at the terminal, without echo.
 *
 *     char pin[128];
 *     if (icc_ask_secret("PIN of the token: ", pin, sizeof pin)) ...
 *     ic_wipe(pin, sizeof pin);
 */
#ifndef ICC_BASE_ASK_H
#define ICC_BASE_ASK_H

#include <stdbool.h>
#include <stddef.h>

/* A line from the controlling terminal, whatever standard input is. False: there is none, or nothing was typed. */
bool icc_ask_secret(const char *prompt, char *out, size_t len);
/* y or yes. False where there is no terminal. */
bool icc_ask_yes(const char *question);
/* A line that others may see. */
bool icc_ask_line(const char *prompt, char *out, size_t len);

#endif
