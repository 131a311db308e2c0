/* What a person may open in a browser: the web client where it was built in, else the few pages that say how to
 * join from a terminal. They are static: whether a meeting exists is not said. */
#ifndef ICD_PAGES_H
#define ICD_PAGES_H

#include "http/http.h"

/* Fills in status, type, csp, body. IC_ERR_NOMEM. */
ic_err icd_page_home(struct icd_http_response *out);
/* For whatever could be a meeting's id or number; else 404. */
ic_err icd_page_meeting(struct ic_view id, struct icd_http_response *out);
/* The web client: false where it was left out, or where the path is none of its. */
bool icd_page_bundled(const struct icd_http_request *r, struct icd_http_response *out);
ic_err icd_page_text(struct icd_http_response *out, int status, const char *text);

#endif
