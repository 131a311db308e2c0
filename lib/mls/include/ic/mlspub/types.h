/* The messages of RFC 9420 as C structs: what is on the wire, nothing else.
 *
 * Every view borrows from the bytes that were decoded; arrays live in the arena given to the
 * decoder. So a decoded message is valid as long as both. Lists of numbers and extension lists stay
 * encoded (checked when decoded) and are searched in place.
 *
 *     IC_ARENA_SCOPE(arena, 1 << 20);
 *     struct ic_mlspub_message m;
 *     IC_TRY(ic_mlspub_message_decode(bytes, &arena, &m));
 */
#ifndef IC_MLSPUB_TYPES_H
#define IC_MLSPUB_TYPES_H

#include <ic/base/api.h>
#include <ic/base/arena.h>
#include <ic/base/buf.h>
#include <ic/base/bytes.h>
#include <ic/base/err.h>
#include <ic/base/reader.h>
#include <ic/base/writer.h>
#include <ic/crypto/suite.h>

IC_API_BEGIN

enum { IC_MLS_VERSION_1 = 1 };

enum ic_mlspub_wire_format { /* RFC 9420 section 6 */
                             IC_MLS_PUBLIC_MESSAGE = 1,
                             IC_MLS_PRIVATE_MESSAGE = 2,
                             IC_MLS_WELCOME = 3,
                             IC_MLS_GROUP_INFO = 4,
                             IC_MLS_KEY_PACKAGE = 5,
};

/* RFC 9420 section 6. */
enum ic_mlspub_content_type { IC_MLS_APPLICATION = 1, IC_MLS_PROPOSAL = 2, IC_MLS_COMMIT = 3 };

/* RFC 9420 section 6. */
enum ic_mlspub_sender_type {
    IC_MLS_SENDER_MEMBER = 1,
    IC_MLS_SENDER_EXTERNAL = 2,
    IC_MLS_SENDER_NEW_MEMBER_PROPOSAL = 3,
    IC_MLS_SENDER_NEW_MEMBER_COMMIT = 4,
};

enum ic_mlspub_proposal_type { /* section 17.4 */
                               IC_MLS_ADD = 1,
                               IC_MLS_UPDATE = 2,
                               IC_MLS_REMOVE = 3,
                               IC_MLS_PSK = 4,
                               IC_MLS_REINIT = 5,
                               IC_MLS_EXTERNAL_INIT = 6,
                               IC_MLS_GROUP_CONTEXT_EXTENSIONS = 7,
                               IC_MLS_SELF_REMOVE = 10, /* draft-ietf-mls-extensions; no body */
};

enum ic_mlspub_extension_type { /* section 17.3 */
                                IC_MLS_EXT_APPLICATION_ID = 1,
                                IC_MLS_EXT_RATCHET_TREE = 2,
                                IC_MLS_EXT_REQUIRED_CAPABILITIES = 3,
                                IC_MLS_EXT_EXTERNAL_PUB = 4,
                                IC_MLS_EXT_EXTERNAL_SENDERS = 5,
                                /* of draft-ietf-mls-extensions, and of its versions before -05 */
                                IC_MLS_EXT_APP_DATA_DICTIONARY = 6,
                                IC_MLS_EXT_LAST_RESORT = 10,
};

/* RFC 9420 section 17.5. */
enum ic_mlspub_credential_type { IC_MLS_BASIC = 1, IC_MLS_X509 = 2 };

/* RFC 9420 section 7.2. */
enum ic_mlspub_leaf_source {
    IC_MLS_LEAF_KEY_PACKAGE = 1,
    IC_MLS_LEAF_UPDATE = 2,
    IC_MLS_LEAF_COMMIT = 3
};

struct ic_mlspub_credential {
    uint16_t type;
    struct ic_view
        identity; /* basic: the identity; X.509: the certificates vector's content; else raw */
};

/* Encoded lists of big-endian u16; search with ic_mlspub_list_has. */
struct ic_mlspub_capabilities {
    struct ic_view versions;
    struct ic_view suites;
    struct ic_view extensions;
    struct ic_view proposals;
    struct ic_view credentials;
};

struct ic_mlspub_lifetime {
    uint64_t not_before; /* seconds since the epoch of Unix */
    uint64_t not_after;
};

struct ic_mlspub_leaf_node { /* section 7.2 */
    struct ic_view encryption_key;
    struct ic_view signature_key;
    struct ic_mlspub_credential credential;
    struct ic_mlspub_capabilities capabilities;
    uint8_t source;                     /* enum ic_mlspub_leaf_source */
    struct ic_mlspub_lifetime lifetime; /* of a key package */
    struct ic_view parent_hash;         /* of a commit */
    struct ic_view extensions;          /* encoded list, without its length */
    struct ic_view signature;
    struct ic_view encoded; /* the whole LeafNode */
    struct ic_view tbs;     /* encoded without the signature field */
};

struct ic_mlspub_key_package { /* section 10 */
    uint16_t version;
    uint16_t suite;
    struct ic_view init_key;
    struct ic_mlspub_leaf_node leaf;
    struct ic_view extensions;
    struct ic_view signature;
    struct ic_view encoded;
    struct ic_view tbs;
};

struct ic_mlspub_group_context { /* section 8.1 */
    uint16_t version;
    uint16_t suite;
    struct ic_view group_id;
    uint64_t epoch;
    struct ic_view tree_hash;
    struct ic_view confirmed_transcript_hash;
    struct ic_view extensions;
};

struct ic_mlspub_group_info { /* section 12.4.3 */
    struct ic_mlspub_group_context context;
    struct ic_view extensions;
    struct ic_view confirmation_tag;
    uint32_t signer;
    struct ic_view signature;
    struct ic_view encoded;
    struct ic_view tbs;
};

/* RFC 9420 section 8.4. */
enum ic_mlspub_psk_type { IC_MLS_PSK_EXTERNAL = 1, IC_MLS_PSK_RESUMPTION = 2 };
/* RFC 9420 section 8.4. */
enum ic_mlspub_psk_usage {
    IC_MLS_PSK_APPLICATION = 1,
    IC_MLS_PSK_REINIT = 2,
    IC_MLS_PSK_BRANCH = 3
};

struct ic_mlspub_psk_id { /* section 8.4 */
    uint8_t type;
    struct ic_view external_id;
    uint8_t usage;
    struct ic_view group_id;
    uint64_t epoch;
    struct ic_view nonce;
};

struct ic_mlspub_reinit { /* section 12.1.5 */
    struct ic_view group_id;
    uint16_t version;
    uint16_t suite;
    struct ic_view extensions; /* encoded list */
};

struct ic_mlspub_proposal { /* section 12.1 */
    uint16_t type;
    union {
        struct ic_mlspub_key_package add;
        struct ic_mlspub_leaf_node update;
        uint32_t remove;
        struct ic_mlspub_psk_id psk;
        struct ic_mlspub_reinit reinit;
        struct ic_view external_init;            /* kem_output */
        struct ic_view group_context_extensions; /* encoded list */
        struct ic_view unknown;                  /* a custom type's body */
    };
    struct ic_view encoded;
};

struct ic_mlspub_proposal_or_ref {
    bool is_ref;
    struct ic_view ref;
    struct ic_mlspub_proposal proposal;
};

struct ic_mlspub_ciphertext { /* HPKECiphertext, section 7.6 */
    struct ic_view kem_output;
    struct ic_view ciphertext;
};

struct ic_mlspub_path_node {
    struct ic_view encryption_key;
    const struct ic_mlspub_ciphertext *secrets;
    size_t secret_count;
};

struct ic_mlspub_update_path {
    struct ic_mlspub_leaf_node leaf;
    const struct ic_mlspub_path_node *nodes;
    size_t node_count;
};

struct ic_mlspub_commit { /* section 12.4 */
    const struct ic_mlspub_proposal_or_ref *proposals;
    size_t proposal_count;
    bool has_path;
    struct ic_mlspub_update_path path;
};

struct ic_mlspub_sender {
    uint8_t type;   /* enum ic_mlspub_sender_type */
    uint32_t index; /* leaf index of a member, index of an external sender */
};

struct ic_mlspub_content { /* FramedContent, section 6 */
    struct ic_view group_id;
    uint64_t epoch;
    struct ic_mlspub_sender sender;
    struct ic_view authenticated_data;
    uint8_t type; /* enum ic_mlspub_content_type */
    union {
        struct ic_view application;
        struct ic_mlspub_proposal proposal;
        struct ic_mlspub_commit commit;
    };
    struct ic_view encoded; /* the FramedContent */
};

struct ic_mlspub_authenticated_content { /* section 6: wire format, content, FramedContentAuthData
                                          */
    uint16_t wire_format;
    struct ic_mlspub_content content;
    struct ic_view signature;
    struct ic_view confirmation_tag; /* of a commit */
};

struct ic_mlspub_public_message { /* section 6.2 */
    struct ic_mlspub_authenticated_content auth;
    struct ic_view membership_tag; /* of a member */
};

struct ic_mlspub_private_message { /* section 6.3 */
    struct ic_view group_id;
    uint64_t epoch;
    uint8_t content_type;
    struct ic_view authenticated_data;
    struct ic_view encrypted_sender_data;
    struct ic_view ciphertext;
};

struct ic_mlspub_encrypted_secrets { /* EncryptedGroupSecrets */
    struct ic_view new_member;       /* KeyPackageRef */
    struct ic_mlspub_ciphertext secrets;
};

struct ic_mlspub_welcome { /* section 12.4.3.1 */
    uint16_t suite;
    const struct ic_mlspub_encrypted_secrets *secrets;
    size_t secret_count;
    struct ic_view encrypted_group_info;
};

struct ic_mlspub_message { /* MLSMessage */
    uint16_t version;
    uint16_t wire_format;
    union {
        struct ic_mlspub_public_message public_message;
        struct ic_mlspub_private_message private_message;
        struct ic_mlspub_welcome welcome;
        struct ic_mlspub_group_info group_info;
        struct ic_mlspub_key_package key_package;
    };
};

IC_API_END

#endif
