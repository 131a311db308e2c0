/* The few pages that a person may open in a browser. They are static: whether a meeting exists is not said. */
#ifndef ICD_PAGES_H
#define ICD_PAGES_H

#include "http/http.h"

/* Fills in status, type, csp, body. IC_ERR_NOMEM. */
ic_err icd_page_home(struct icd_http_response *out);
/* For whatever could be a meeting's id or number; else 404. */
ic_err icd_page_meeting(struct ic_view id, struct icd_http_response *out);
ic_err icd_page_text(struct icd_http_response *out, int status, const char *text);

#endif
