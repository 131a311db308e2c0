/* Of a test build alone (-Dtest_hooks=true): the control packets as they are once TLS is removed. Not in any
 * installed program: `make check` proves it by these names. */
#ifndef ICD_HTTP_TESTHOOK_H
#define ICD_HTTP_TESTHOOK_H

#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <stdbool.h>

/* Appends every WebSocket frame and HTTP body, in and out, to the file, each behind its length: u32, then
 * u64 connection (0: HTTP), u8 direction (0 in, 1 out), the bytes. Network byte order. Before the server
 * listens. */
ic_err icd_testhook_http_tap(const char *path);
void icd_testhook_http_note(uint64_t conn, bool out, struct ic_view bytes);

#endif
