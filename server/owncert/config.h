/* [acme]: where the server's own certificate comes from. */
#ifndef ICD_OWNCERT_CONFIG_H
#define ICD_OWNCERT_CONFIG_H

#include <stdbool.h>

struct icd_owncert_config {
    char directory[256]; /* URL; "": none is asked for */
    char domains[512];   /* separated by spaces or commas */
    char contact[256];   /* an e-mail address, or "" */
    char ca_file[256];   /* roots for https of the directory; "": the system's */
    char listen[512];    /* http: challenges alone */
    bool agree;          /* to the authority's terms of service */
};

#endif
