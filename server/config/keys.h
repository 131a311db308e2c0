#ifndef ICD_CONFIG_KEYS_H
#define ICD_CONFIG_KEYS_H

#include "config/config.h"

enum icd_key_type { ICD_KEY_TEXT, ICD_KEY_NUMBER, ICD_KEY_FLAG, ICD_KEY_LEVEL };

struct icd_key {
    const char *section, *key;
    enum icd_key_type type;
    size_t offset;
    size_t room; /* bytes of a text, with its NUL */
    uint32_t low, high;
    const char *text;
};

/* NULL past the end. */
const struct icd_key *icd_key_at(size_t i);

#endif
