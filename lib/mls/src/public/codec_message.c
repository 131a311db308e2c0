/* Framing (RFC 9420 sections 6, 12.4.3.1). */
#include "codec_internal.h"

void ic_mlspub_sender_read(struct ic_reader *r, struct ic_arena *a, struct ic_mlspub_sender *out)
{
    (void)a;
    out->type = ic_mlspub_read_enum(r, IC_MLS_SENDER_NEW_MEMBER_COMMIT);
    bool indexed = out->type == IC_MLS_SENDER_MEMBER || out->type == IC_MLS_SENDER_EXTERNAL;
    out->index = indexed ? ic_read_u32(r) : 0;
}

void ic_mlspub_sender_write(struct ic_writer *w, const struct ic_mlspub_sender *x)
{
    ic_write_u8(w, x->type);
    if (x->type == IC_MLS_SENDER_MEMBER || x->type == IC_MLS_SENDER_EXTERNAL)
        ic_write_u32(w, x->index);
}

void ic_mlspub_content_body_read(struct ic_reader *r, struct ic_arena *a,
                                 struct ic_mlspub_content *out)
{
    switch (out->type) {
    case IC_MLS_APPLICATION:
        out->application = read_vec(r);
        break;
    case IC_MLS_PROPOSAL:
        ic_mlspub_proposal_read(r, a, &out->proposal);
        break;
    case IC_MLS_COMMIT:
        ic_mlspub_commit_read(r, a, &out->commit);
        break;
    default:
        ic_reader_fail(r, IC_ERR_RANGE);
    }
}

void ic_mlspub_content_body_write(struct ic_writer *w, const struct ic_mlspub_content *x)
{
    switch (x->type) {
    case IC_MLS_APPLICATION:
        ic_write_vec(w, x->application);
        break;
    case IC_MLS_PROPOSAL:
        ic_mlspub_proposal_write(w, &x->proposal);
        break;
    case IC_MLS_COMMIT:
        ic_mlspub_commit_write(w, &x->commit);
        break;
    default:
        ic_writer_fail(w, IC_ERR_RANGE);
    }
}

void ic_mlspub_content_read(struct ic_reader *r, struct ic_arena *a, struct ic_mlspub_content *out)
{
    const uint8_t *start = r->p;
    out->group_id = read_vec(r);
    out->epoch = ic_read_u64(r);
    ic_mlspub_sender_read(r, a, &out->sender);
    out->authenticated_data = read_vec(r);
    out->type = ic_mlspub_read_enum(r, IC_MLS_COMMIT);
    if (r->err == IC_OK)
        ic_mlspub_content_body_read(r, a, out);
    out->encoded = read_since(r, start);
}

void ic_mlspub_content_write(struct ic_writer *w, const struct ic_mlspub_content *x)
{
    if (x->encoded.len > 0) {
        ic_write_bytes(w, x->encoded);
        return;
    }
    ic_write_vec(w, x->group_id);
    ic_write_u64(w, x->epoch);
    ic_mlspub_sender_write(w, &x->sender);
    ic_write_vec(w, x->authenticated_data);
    ic_write_u8(w, x->type);
    ic_mlspub_content_body_write(w, x);
}

/* FramedContentAuthData: the tag is there for a commit alone. */
static void auth_data_read(struct ic_reader *r, struct ic_mlspub_authenticated_content *out)
{
    out->signature = read_vec(r);
    out->confirmation_tag = ic_view(NULL, 0);
    if (out->content.type == IC_MLS_COMMIT)
        out->confirmation_tag = read_vec(r);
}

static void auth_data_write(struct ic_writer *w, const struct ic_mlspub_authenticated_content *x)
{
    ic_write_vec(w, x->signature);
    if (x->content.type == IC_MLS_COMMIT)
        ic_write_vec(w, x->confirmation_tag);
}

void ic_mlspub_authenticated_content_read(struct ic_reader *r, struct ic_arena *a,
                                          struct ic_mlspub_authenticated_content *out)
{
    out->wire_format = ic_read_u16(r);
    if (out->wire_format != IC_MLS_PUBLIC_MESSAGE && out->wire_format != IC_MLS_PRIVATE_MESSAGE)
        ic_reader_fail(r, IC_ERR_UNSUPPORTED);
    ic_mlspub_content_read(r, a, &out->content);
    auth_data_read(r, out);
}

void ic_mlspub_authenticated_content_write(struct ic_writer *w,
                                           const struct ic_mlspub_authenticated_content *x)
{
    ic_write_u16(w, x->wire_format);
    ic_mlspub_content_write(w, &x->content);
    auth_data_write(w, x);
}

void ic_mlspub_public_message_read(struct ic_reader *r, struct ic_arena *a,
                                   struct ic_mlspub_public_message *out)
{
    out->auth.wire_format = IC_MLS_PUBLIC_MESSAGE;
    ic_mlspub_content_read(r, a, &out->auth.content);
    auth_data_read(r, &out->auth);
    out->membership_tag = ic_view(NULL, 0);
    if (out->auth.content.sender.type == IC_MLS_SENDER_MEMBER)
        out->membership_tag = read_vec(r);
}

void ic_mlspub_public_message_write(struct ic_writer *w, const struct ic_mlspub_public_message *x)
{
    ic_mlspub_content_write(w, &x->auth.content);
    auth_data_write(w, &x->auth);
    if (x->auth.content.sender.type == IC_MLS_SENDER_MEMBER)
        ic_write_vec(w, x->membership_tag);
}

void ic_mlspub_private_message_read(struct ic_reader *r, struct ic_arena *a,
                                    struct ic_mlspub_private_message *out)
{
    (void)a;
    out->group_id = read_vec(r);
    out->epoch = ic_read_u64(r);
    out->content_type = ic_mlspub_read_enum(r, IC_MLS_COMMIT);
    out->authenticated_data = read_vec(r);
    out->encrypted_sender_data = read_vec(r);
    out->ciphertext = read_vec(r);
}

void ic_mlspub_private_message_write(struct ic_writer *w, const struct ic_mlspub_private_message *x)
{
    ic_write_vec(w, x->group_id);
    ic_write_u64(w, x->epoch);
    ic_write_u8(w, x->content_type);
    ic_write_vec(w, x->authenticated_data);
    ic_write_vec(w, x->encrypted_sender_data);
    ic_write_vec(w, x->ciphertext);
}

void ic_mlspub_encrypted_secrets_read(struct ic_reader *r, struct ic_arena *a,
                                      struct ic_mlspub_encrypted_secrets *out)
{
    out->new_member = read_vec(r);
    ic_mlspub_ciphertext_read(r, a, &out->secrets);
}

void ic_mlspub_encrypted_secrets_write(struct ic_writer *w,
                                       const struct ic_mlspub_encrypted_secrets *x)
{
    ic_write_vec(w, x->new_member);
    ic_mlspub_ciphertext_write(w, &x->secrets);
}

static size_t count_secrets(struct ic_reader list)
{
    struct ic_mlspub_encrypted_secrets x;
    size_t n = 0;
    while (ic_reader_more(&list)) {
        ic_mlspub_encrypted_secrets_read(&list, NULL, &x);
        n++;
    }
    return n;
}

void ic_mlspub_welcome_read(struct ic_reader *r, struct ic_arena *a, struct ic_mlspub_welcome *out)
{
    out->suite = ic_read_u16(r);
    struct ic_reader list = ic_read_sub(r, VEC_MAX);
    size_t n = count_secrets(list);
    struct ic_mlspub_encrypted_secrets *secrets =
        ic_mlspub_read_array(&list, a, n, sizeof *secrets);
    for (size_t i = 0; i < n && list.err == IC_OK; i++)
        ic_mlspub_encrypted_secrets_read(&list, a, &secrets[i]);
    out->secrets = secrets;
    out->secret_count = n;
    ic_reader_fail(r, ic_reader_end(&list));
    out->encrypted_group_info = read_vec(r);
}

void ic_mlspub_welcome_write(struct ic_writer *w, const struct ic_mlspub_welcome *x)
{
    ic_write_u16(w, x->suite);
    size_t mark = ic_write_open(w);
    for (size_t i = 0; i < x->secret_count; i++)
        ic_mlspub_encrypted_secrets_write(w, &x->secrets[i]);
    ic_write_close(w, mark);
    ic_write_vec(w, x->encrypted_group_info);
}

void ic_mlspub_message_read(struct ic_reader *r, struct ic_arena *a, struct ic_mlspub_message *out)
{
    out->version = ic_read_u16(r);
    out->wire_format = ic_read_u16(r);
    if (r->err == IC_OK && out->version != IC_MLS_VERSION_1)
        ic_reader_fail(r, IC_ERR_UNSUPPORTED);
    switch (out->wire_format) {
    case IC_MLS_PUBLIC_MESSAGE:
        ic_mlspub_public_message_read(r, a, &out->public_message);
        break;
    case IC_MLS_PRIVATE_MESSAGE:
        ic_mlspub_private_message_read(r, a, &out->private_message);
        break;
    case IC_MLS_WELCOME:
        ic_mlspub_welcome_read(r, a, &out->welcome);
        break;
    case IC_MLS_GROUP_INFO:
        ic_mlspub_group_info_read(r, a, &out->group_info);
        break;
    case IC_MLS_KEY_PACKAGE:
        ic_mlspub_key_package_read(r, a, &out->key_package);
        /* RFC 9420 section 10: the two versions MUST be the same. */
        /* RFC9420-10-5 */
        if (r->err == IC_OK && out->key_package.version != out->version)
            ic_reader_fail(r, IC_ERR_MALFORMED);
        break;
    default:
        ic_reader_fail(r, IC_ERR_UNSUPPORTED);
    }
}

void ic_mlspub_message_write(struct ic_writer *w, const struct ic_mlspub_message *x)
{
    ic_write_u16(w, x->version);
    ic_write_u16(w, x->wire_format);
    switch (x->wire_format) {
    case IC_MLS_PUBLIC_MESSAGE:
        ic_mlspub_public_message_write(w, &x->public_message);
        break;
    case IC_MLS_PRIVATE_MESSAGE:
        ic_mlspub_private_message_write(w, &x->private_message);
        break;
    case IC_MLS_WELCOME:
        ic_mlspub_welcome_write(w, &x->welcome);
        break;
    case IC_MLS_GROUP_INFO:
        ic_mlspub_group_info_write(w, &x->group_info);
        break;
    case IC_MLS_KEY_PACKAGE:
        ic_mlspub_key_package_write(w, &x->key_package);
        break;
    default:
        ic_writer_fail(w, IC_ERR_UNSUPPORTED);
    }
}

CODEC_DECODE(sender)
CODEC_DECODE(content)
CODEC_DECODE(authenticated_content)
CODEC_DECODE(public_message)
CODEC_DECODE(private_message)
CODEC_DECODE(encrypted_secrets)
CODEC_DECODE(welcome)
CODEC_DECODE(message)
