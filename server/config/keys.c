/* Every key: where it goes, between what, and what it means. docs/configuration.md says the same to people,
 * and a test compares the two. */
#include "config/keys.h"

#include <stddef.h>
#include <string.h>

#define TEXT(section, key, member, text)                                                           \
    {                                                                                              \
        section, key, ICD_KEY_TEXT, offsetof(struct icd_config, member),                           \
            sizeof(((struct icd_config *)0)->member), 0, 0, text                                   \
    }
#define NUMBER(section, key, member, low, high, text)                                              \
    {                                                                                              \
        section, key, ICD_KEY_NUMBER, offsetof(struct icd_config, member), 0, low, high, text      \
    }
#define LIMIT(key, member, low, high, text) NUMBER("limits", key, limits.member, low, high, text)
#define FLAG(section, key, member, text)                                                           \
    {                                                                                              \
        section, key, ICD_KEY_FLAG, offsetof(struct icd_config, member), 0, 0, 1, text             \
    }

static const struct icd_key keys[] = {
    TEXT("server", "listen", listen, "https: addresses with ports; * is every address"),
    TEXT("server", "listen_local", listen_local, "http without TLS: loopback addresses only"),
    TEXT("server", "certificate", certificate, "PEM file with the certificate and its chain"),
    TEXT("server", "private_key", private_key, "PEM file with the certificate's key"),
    NUMBER("server", "drain_ms", drain_ms, 0, 600000,
           "ms that a stopping server waits for clients"),
    FLAG("server", "metrics_for_all", metrics_for_all,
         "yes: /metrics for others than this machine"),
    TEXT("paths", "data_dir", data_dir, "database and keys; made with mode 0700"),
    TEXT("paths", "run_dir", run_dir, "process id; made with mode 0755"),
    TEXT("paths", "log_dir", log_dir, "log file incamerad.log, mode 0750; empty: standard error"),
    {"log", "level", ICD_KEY_LEVEL, offsetof(struct icd_config, log_level), 0, 0, 3,
     "error, warn, info or debug"},
    FLAG("media", "enabled", media, "no: this server forwards no media"),
    TEXT("media", "bind", media_bind, "address of the UDP sockets"),
    NUMBER("media", "port", media_port, 0, 65535, "UDP port of the first thread; 0: any free one"),
    TEXT("media", "addresses", media_addresses,
         "addresses that clients are told; empty: found out"),
    NUMBER("media", "threads", media_shards, 0, 16, "media threads; 0: one a core"),
    NUMBER("media", "sessions", media_sessions, 1, 100000, "participants with media at once"),
    NUMBER("media", "packets_per_s", media_packets_per_s, 100, 1000000,
           "packets/s of a participant"),
    NUMBER("media", "strangers_per_s", media_strangers_per_s, 1, 100000,
           "STUN requests/s from addresses without a session"),
    FLAG("identity", "enabled", identity.enabled, "no: this server is no identity service"),
    TEXT("identity", "base_url", identity.base_url,
         "how clients reach the service, https://host; empty: the first https address"),
    TEXT("identity", "origins", identity.origins,
         "further pages that may use passkeys, as http://localhost:8080"),
    TEXT("identity", "oidc_ca_file", identity.oidc_ca_file,
         "PEM file of roots for https of sign-in providers; empty: the system's"),
    FLAG("identity", "oidc_private_addresses", identity.oidc_private_addresses,
         "yes: sign-in providers may be on hosts with private addresses"),
    NUMBER("identity", "password_mib", identity.password_mib, 19, 1024,
           "MiB of memory that hashing a password takes"),
    TEXT("identity", "ca_key", identity.ca_key,
         "the authority's key: a file, or a pkcs11: URI; empty: data_dir/ca.key"),
    TEXT("identity", "ca_pin_file", identity.ca_pin_file, "the token's PIN, a file with mode 600"),
    NUMBER("identity", "person_certificate_s", identity.person_certificate_s, 60, 31536000,
           "how long people's certificates hold"),
    NUMBER("identity", "device_certificate_s", identity.device_certificate_s, 60, 63072000,
           "how long devices' certificates hold"),
    NUMBER("identity", "crl_s", identity.crl_s, 60, 2592000,
           "how long a list of revoked certificates holds"),
    TEXT("identity", "resolver", identity.resolver,
         "DNS server that is asked, address with port; empty: the system's"),
    FLAG("identity", "domain_private_addresses", identity.domain_private_addresses,
         "yes: a domain's file may be asked of hosts with private addresses"),
    TEXT("identity", "domain_ca_file", identity.domain_ca_file,
         "PEM of who is trusted for it; empty: the system's roots"),
    TEXT("identity", "domain_connect_to", identity.domain_connect_to,
         "for tests: address with port that is asked instead of the domain's"),
    TEXT("identity", "acme_terms", identity.acme_terms,
         "URL of terms that ACME clients must agree to; empty: none"),
    NUMBER("identity", "acme_http_port", identity.acme_http_port, 1, 65535,
           "where http-01 asks; other than 80 for tests alone"),
    FLAG("identity", "acme_private_addresses", identity.acme_private_addresses,
         "yes: http-01 may ask hosts with private addresses"),
    FLAG("identity", "acme_any_domain", identity.acme_any_domain,
         "yes: certificates for host names outside of verified domains"),
    NUMBER("identity", "acme_accounts_per_min", identity.acme_accounts_per_min, 1, 100000,
           "new ACME accounts per minute of an address"),
    NUMBER("identity", "acme_orders_per_hour", identity.acme_orders_per_hour, 1, 1000000,
           "orders of an ACME account"),
    NUMBER("identity", "acme_person_certificates_per_hour",
           identity.acme_person_certificates_per_hour, 1, 100000,
           "certificates of one person, by whatever account"),
    NUMBER("identity", "acme_order_s", identity.acme_order_s, 60, 604800,
           "seconds that an order stays open"),
    NUMBER("identity", "acme_person_s", identity.acme_person_s, 60, 31536000,
           "seconds that a person's enrolment serves for renewals"),
    NUMBER("identity", "acme_device_s", identity.acme_device_s, 60, 31536000,
           "seconds that a proved host name serves for renewals"),
    NUMBER("identity", "acme_retry_ms", identity.acme_retry_ms, 100, 60000,
           "ms before a failed challenge is tried again"),
    TEXT(
        "acme", "directory", acme.directory,
        "URL of the ACME directory that gives this server's own certificate; empty: none is asked"),
    TEXT("acme", "domains", acme.domains, "host names of the certificate"),
    TEXT("acme", "contact", acme.contact,
         "e-mail address that the authority may write to; or empty"),
    TEXT("acme", "ca_file", acme.ca_file,
         "PEM of roots for https of the directory; empty: the system's"),
    TEXT("acme", "listen", acme.listen, "http: where the authority asks; nothing else is served"),
    FLAG("acme", "agree", acme.agree, "yes: to the authority's terms of service"),
    LIMIT("max_frame", max_frame, 65536, IC_WIRE_MAX, "bytes of a member's frame"),
    LIMIT("max_frame_stranger", max_frame_stranger, 4096, 1048576, "bytes of anybody else's frame"),
    LIMIT("frames_per_s", frames_per_s, 1, 100000,
          "frames/s of a connection; bursts of four seconds"),
    LIMIT("enters_per_connection", enters_per_connection, 1, 1000, "failed attempts, then closed"),
    LIMIT("numbers_per_min", numbers_per_min, 1, 100000, "wrong numbers per minute of an address"),
    LIMIT("knocks_per_meeting", knocks_per_meeting, 1, 100000, "people in one lobby"),
    LIMIT("knocks_per_min", knocks_per_min, 1, 100000, "knocks per minute of an address"),
    LIMIT("members_per_meeting", members_per_meeting, 2, 100000, "devices in one meeting"),
    LIMIT("connections_per_meeting", connections_per_meeting, 2, 200000,
          "connections, lobby included"),
    LIMIT("meetings_per_org", meetings_per_org, 1, 100000000, "meetings of an organisation"),
    LIMIT("log_bytes_per_group", log_bytes_per_group, 1048576, UINT32_MAX,
          "bytes of stored messages of a session"),
    LIMIT("proposals_per_epoch", proposals_per_epoch, 1, 4096, "proposals that wait for a commit"),
    LIMIT("away_ms", away_ms, 1000, 3600000, "ms from a lost connection to the server's Remove"),
    LIMIT("empty_ms", empty_ms, 1000, 86400000, "ms from the last member's going to the end"),
    LIMIT("hello_ms", hello_ms, 1000, 600000, "ms that a connection has to enter a meeting"),
    LIMIT("over_keep_s", over_keep_s, 0, 31536000, "seconds that an ended meeting answers so"),
    LIMIT("ping_ms", ping_ms, 5000, 600000,
          "ms of silence before a ping; three times that: closed"),
    LIMIT("file_mib", file_mib, 1, 4096, "MiB of one file's ciphertext"),
    LIMIT("files_mib_per_meeting", files_mib_per_meeting, 0, 1048576,
          "MiB of all files of a meeting; 0: no files"),
    LIMIT("files_per_meeting", files_per_meeting, 1, 100000, "files of a meeting"),
    LIMIT("file_requests_per_s", file_requests_per_s, 1, 100000,
          "requests/s of a member about files; bursts of four seconds"),
    LIMIT("file_token_s", file_token_s, 10, 86400, "seconds that a right to send files holds"),
    NUMBER("limits", "queue_bytes", queue_bytes, 1048576, 1073741824,
           "bytes that wait for a slow receiver before it is closed"),
    NUMBER("limits", "connections_per_address", connections_per_address, 1, 1000000,
           "WebSockets of an address; it has twice as many connections"),
    NUMBER("limits", "requests_per_min", requests_per_min, 1, 10000000,
           "HTTP requests and WebSocket openings per minute of an address"),
};

const struct icd_key *icd_key_at(size_t i)
{
    return i < sizeof keys / sizeof keys[0] ? &keys[i] : NULL;
}

void icd_config_default(struct icd_config *c)
{
    *c = (struct icd_config){
        .listen = "*:8443",
        .listen_local = "127.0.0.1:8080",
        .certificate = "/etc/incamera/cert.pem",
        .private_key = "/etc/incamera/key.pem",
        .drain_ms = 3000,
        .data_dir = "/var/lib/incamera",
        .run_dir = "/run/incamera",
        .log_level = ICD_LOG_INFO,
        .acme = {.listen = "*:80"},
        .media = true,
        .media_bind = "0.0.0.0",
        .media_port = 40000,
        .media_sessions = 2000,
        .media_packets_per_s = 5000,
        .media_strangers_per_s = 50,
        .queue_bytes = 32 << 20,
        .connections_per_address = 1200,
        .requests_per_min = 1200,
    };
    icd_identity_config_default(&c->identity);
    icd_limits_default(&c->limits);
}
