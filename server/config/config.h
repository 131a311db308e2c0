/* The configuration file: INI, every key known, documented (docs/configuration.md) and bounded.
 *
 *     struct icd_config c;
 *     char why[ICD_CONFIG_WHY];
 *     icd_config_default(&c);
 *     IC_TRY(icd_config_read(&c, "/etc/incamera/incamerad.conf", why));   // why: "file:12: ..."
 */
#ifndef ICD_CONFIG_H
#define ICD_CONFIG_H

#include "identity/config.h"
#include "owncert/config.h"

#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <icd/core.h>
#include <stdio.h>

enum {
    ICD_CONFIG_WHY = 512,
    ICD_CONFIG_PATH_MAX = 256,
    ICD_CONFIG_TEXT_MAX = 512,
    ICD_CONFIG_LINE_MAX = 1000,
};

struct icd_config {
    /* [server] */
    char listen[ICD_CONFIG_TEXT_MAX];       /* https: address:port, separated by spaces or commas */
    char listen_local[ICD_CONFIG_TEXT_MAX]; /* http, loopback addresses only */
    char certificate[ICD_CONFIG_PATH_MAX], private_key[ICD_CONFIG_PATH_MAX];
    uint32_t drain_ms;
    bool metrics_for_all;
    /* [paths] */
    char data_dir[ICD_CONFIG_PATH_MAX], run_dir[ICD_CONFIG_PATH_MAX], log_dir[ICD_CONFIG_PATH_MAX];
    /* [log] */
    uint32_t log_level; /* enum icd_log_level */
    /* [media] */
    bool media;
    char media_bind[64];
    uint32_t media_port;
    char media_addresses[ICD_CONFIG_TEXT_MAX];
    uint32_t media_shards, media_sessions, media_packets_per_s, media_strangers_per_s;
    /* [identity] */
    struct icd_identity_config identity;
    /* [acme] */
    struct icd_owncert_config acme;
    /* [limits] */
    struct icd_limits limits;
    uint32_t queue_bytes, connections_per_address, requests_per_min;
};

void icd_config_default(struct icd_config *c);
/* Overwrites what the file names. why: ICD_CONFIG_WHY bytes. IC_ERR_IO, IC_ERR_MALFORMED (line, unknown
 * section or key, twice), IC_ERR_RANGE. */
ic_err icd_config_read(struct icd_config *c, const char *path, char *why);
/* The same from bytes; name is for `why`. */
ic_err icd_config_parse(struct icd_config *c, struct ic_view text, const char *name, char *why);
/* What no single key tells: TLS without a certificate, http beyond loopback. */
ic_err icd_config_check(const struct icd_config *c, char *why);
/* A file with every key at c's value, each with its comment. */
void icd_config_print(const struct icd_config *c, FILE *out);

/* Walks the keys, for documentation and its test: false past the end. */
bool icd_config_key(size_t i, const char **section, const char **key, const char **text);

/* Splits off the next of "a:1, b:2"; false at the end. IPv6 addresses stand in brackets. */
bool icd_config_next(struct ic_view *rest, struct ic_view *item);
/* "[::1]:80", "127.0.0.1:80", "*:80", ":80". address: 64 bytes, "" for all. */
ic_err icd_config_address(struct ic_view item, char *address, uint16_t *port);
bool icd_config_is_loopback(const char *address);

#endif
