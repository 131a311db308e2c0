/* The running server: store, core, forwarder and HTTP on one loop, and how it starts, drains and ends. */
#ifndef ICD_SERVER_H
#define ICD_SERVER_H

#include "config/config.h"
#include "files/disk.h"
#include "http/http.h"
#include "identity/identity.h"
#include "main/folders.h"
#include "meetings/meetings.h"
#include "owncert/owncert.h"

#include <icd/core.h>
#include <icd/sfu.h>
#include <uv.h>

struct icd_server {
    struct icd_config config;
    const char *config_path; /* NULL: none; read again for the log level */
    const char *host;        /* this machine's name to others; NULL: "localhost" */
    bool identity_only;      /* no meetings: a process of its own for the identity service */
    uv_loop_t loop;
    uv_timer_t timer, certificates, drain;
    uv_check_t check;
    uv_prepare_t prepare;
    uv_async_t media_wake;
    uv_signal_t signals[3];
    struct icd_folders folders;
    struct icd_store *store;
    struct icd_core *core;         /* NULL with identity_only, as store, sfu and disk */
    struct icd_identity *identity; /* NULL: another process's, or none */
    struct icd_http *http;
    struct icd_owncert *owncert; /* NULL: the certificate is somebody else's matter */
    char owncert_dir[ICD_CONFIG_PATH_MAX + 8];
    struct icd_sfu *sfu;
    struct icd_media media;
    struct icd_files_disk *disk;
    struct icd_disk disk_seam;
    size_t writing; /* pieces on their way to the disk */
    bool draining;
    uint64_t drain_until_ms;
    uint64_t certificate_mtime;
    uint64_t clock_ms; /* never goes back */
};

/* Opens all of it and listens; s is zeroed but for config, config_path, host and identity_only. why: ICD_CONFIG_WHY bytes for
 * people. Call icd_server_stop after an error too. */
ic_err icd_server_start(struct icd_server *s, char *why);
/* Until SIGTERM or SIGINT, drained. */
void icd_server_run(struct icd_server *s);
void icd_server_stop(struct icd_server *s);
uint64_t icd_server_now_ms(struct icd_server *s);
/* A full answer to an HTTP request (routes.c). */
void icd_server_request(void *ctx, const struct icd_http_request *r, uint64_t ticket,
                        struct icd_http_response *out);
/* [acme]: before listening, key and certificate are there; after it, they are kept new (owncert.c). */
ic_err icd_server_prepare_owncert(struct icd_server *s, char *why);
ic_err icd_server_open_owncert(struct icd_server *s, char *why);
/* Certificate and key are read again, for connections from now on. */
void icd_server_reload_certificate(struct icd_server *s);
/* After listening: its address is part of what it certifies (identity.c). */
ic_err icd_server_open_identity(struct icd_server *s, char *why);
/* One about files (transfer.c). */
void icd_server_files(struct icd_server *s, const struct icd_http_request *r, uint64_t ticket,
                      struct icd_http_response *out);
/* Whether files' own rates hold for it. */
bool icd_server_limited(void *ctx, const struct icd_http_request *r);
ic_err icd_server_metrics(struct icd_server *s, struct ic_buf *out);
ic_err icd_os_random(void *ctx, uint8_t *out, size_t n);
/* The first port of that kind that is listened on; 0: none. */
uint16_t icd_server_port(const struct icd_server *s, bool tls);

#endif
