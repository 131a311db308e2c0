/* Proposals and commits (RFC 9420 sections 7.6, 8.4, 12.1, 12.4). */
#include "codec_internal.h"

void ic_mlspub_psk_id_read(struct ic_reader *r, struct ic_arena *a, struct ic_mlspub_psk_id *out)
{
    (void)a;
    *out = (struct ic_mlspub_psk_id){0};
    out->type = ic_mlspub_read_enum(r, IC_MLS_PSK_RESUMPTION);
    if (out->type == IC_MLS_PSK_EXTERNAL) {
        out->external_id = read_vec(r);
    } else {
        out->usage = ic_mlspub_read_enum(r, IC_MLS_PSK_BRANCH);
        out->group_id = read_vec(r);
        out->epoch = ic_read_u64(r);
    }
    out->nonce = read_vec(r);
}

void ic_mlspub_psk_id_write(struct ic_writer *w, const struct ic_mlspub_psk_id *x)
{
    ic_write_u8(w, x->type);
    if (x->type == IC_MLS_PSK_EXTERNAL) {
        ic_write_vec(w, x->external_id);
    } else {
        ic_write_u8(w, x->usage);
        ic_write_vec(w, x->group_id);
        ic_write_u64(w, x->epoch);
    }
    ic_write_vec(w, x->nonce);
}

static void reinit_read(struct ic_reader *r, struct ic_mlspub_proposal *out)
{
    out->reinit.group_id = read_vec(r);
    out->reinit.version = ic_read_u16(r);
    out->reinit.suite = ic_read_u16(r);
    out->reinit.extensions = ic_mlspub_read_extensions(r);
}

static void reinit_write(struct ic_writer *w, const struct ic_mlspub_proposal *x)
{
    ic_write_vec(w, x->reinit.group_id);
    ic_write_u16(w, x->reinit.version);
    ic_write_u16(w, x->reinit.suite);
    ic_write_vec(w, x->reinit.extensions);
}

void ic_mlspub_proposal_read(struct ic_reader *r, struct ic_arena *a,
                             struct ic_mlspub_proposal *out)
{
    const uint8_t *start = r->p;
    out->type = ic_read_u16(r);
    switch (out->type) {
    case 0: /* reserved: section 17.4 */
        ic_reader_fail(r, IC_ERR_RANGE);
        break;
    case IC_MLS_ADD:
        ic_mlspub_key_package_read(r, a, &out->add);
        break;
    case IC_MLS_UPDATE:
        ic_mlspub_leaf_node_read(r, a, &out->update);
        break;
    case IC_MLS_REMOVE:
        out->remove = ic_read_u32(r);
        break;
    case IC_MLS_PSK:
        ic_mlspub_psk_id_read(r, a, &out->psk);
        break;
    case IC_MLS_REINIT:
        reinit_read(r, out);
        break;
    case IC_MLS_EXTERNAL_INIT:
        out->external_init = read_vec(r);
        break;
    case IC_MLS_GROUP_CONTEXT_EXTENSIONS:
        out->group_context_extensions = ic_mlspub_read_extensions(r);
        break;
    case IC_MLS_SELF_REMOVE:
        break;
    default:
        out->unknown = read_vec(r);
    }
    out->encoded = read_since(r, start);
}

static void proposal_body_write(struct ic_writer *w, const struct ic_mlspub_proposal *x)
{
    switch (x->type) {
    case IC_MLS_ADD:
        ic_mlspub_key_package_write(w, &x->add);
        break;
    case IC_MLS_UPDATE:
        ic_mlspub_leaf_node_write(w, &x->update);
        break;
    case IC_MLS_REMOVE:
        ic_write_u32(w, x->remove);
        break;
    case IC_MLS_PSK:
        ic_mlspub_psk_id_write(w, &x->psk);
        break;
    case IC_MLS_REINIT:
        reinit_write(w, x);
        break;
    case IC_MLS_EXTERNAL_INIT:
        ic_write_vec(w, x->external_init);
        break;
    case IC_MLS_GROUP_CONTEXT_EXTENSIONS:
        ic_write_vec(w, x->group_context_extensions);
        break;
    case IC_MLS_SELF_REMOVE:
        break;
    default:
        ic_write_vec(w, x->unknown);
    }
}

void ic_mlspub_proposal_write(struct ic_writer *w, const struct ic_mlspub_proposal *x)
{
    if (x->encoded.len > 0) {
        ic_write_bytes(w, x->encoded);
        return;
    }
    ic_write_u16(w, x->type);
    proposal_body_write(w, x);
}

enum { BY_VALUE = 1, BY_REFERENCE = 2 }; /* ProposalOrRefType */

void ic_mlspub_proposal_or_ref_read(struct ic_reader *r, struct ic_arena *a,
                                    struct ic_mlspub_proposal_or_ref *out)
{
    out->is_ref = ic_mlspub_read_enum(r, BY_REFERENCE) == BY_REFERENCE;
    out->ref = ic_view(NULL, 0);
    if (out->is_ref)
        out->ref = read_vec(r);
    else
        ic_mlspub_proposal_read(r, a, &out->proposal);
}

void ic_mlspub_proposal_or_ref_write(struct ic_writer *w, const struct ic_mlspub_proposal_or_ref *x)
{
    ic_write_u8(w, x->is_ref ? BY_REFERENCE : BY_VALUE);
    if (x->is_ref)
        ic_write_vec(w, x->ref);
    else
        ic_mlspub_proposal_write(w, &x->proposal);
}

void ic_mlspub_ciphertext_read(struct ic_reader *r, struct ic_arena *a,
                               struct ic_mlspub_ciphertext *out)
{
    (void)a;
    out->kem_output = read_vec(r);
    out->ciphertext = read_vec(r);
}

void ic_mlspub_ciphertext_write(struct ic_writer *w, const struct ic_mlspub_ciphertext *x)
{
    ic_write_vec(w, x->kem_output);
    ic_write_vec(w, x->ciphertext);
}

/* Lists are read twice: counted, then filled, so that an array is as long as it must be. */
static size_t count_ciphertexts(struct ic_reader list)
{
    struct ic_mlspub_ciphertext x;
    size_t n = 0;
    while (ic_reader_more(&list)) {
        ic_mlspub_ciphertext_read(&list, NULL, &x);
        n++;
    }
    return n;
}

void ic_mlspub_path_node_read(struct ic_reader *r, struct ic_arena *a,
                              struct ic_mlspub_path_node *out)
{
    out->encryption_key = read_vec(r);
    struct ic_reader list = ic_read_sub(r, VEC_MAX);
    size_t n = count_ciphertexts(list);
    struct ic_mlspub_ciphertext *secrets = ic_mlspub_read_array(&list, a, n, sizeof *secrets);
    for (size_t i = 0; i < n && list.err == IC_OK; i++)
        ic_mlspub_ciphertext_read(&list, a, &secrets[i]);
    out->secrets = secrets;
    out->secret_count = n;
    ic_reader_fail(r, ic_reader_end(&list));
}

void ic_mlspub_path_node_write(struct ic_writer *w, const struct ic_mlspub_path_node *x)
{
    ic_write_vec(w, x->encryption_key);
    size_t mark = ic_write_open(w);
    for (size_t i = 0; i < x->secret_count; i++)
        ic_mlspub_ciphertext_write(w, &x->secrets[i]);
    ic_write_close(w, mark);
}

static size_t count_path_nodes(struct ic_reader list)
{
    size_t n = 0;
    while (ic_reader_more(&list)) {
        (void)read_vec(&list);
        (void)read_vec(&list);
        n++;
    }
    return n;
}

void ic_mlspub_update_path_read(struct ic_reader *r, struct ic_arena *a,
                                struct ic_mlspub_update_path *out)
{
    ic_mlspub_leaf_node_read(r, a, &out->leaf);
    struct ic_reader list = ic_read_sub(r, VEC_MAX);
    size_t n = count_path_nodes(list);
    struct ic_mlspub_path_node *nodes = ic_mlspub_read_array(&list, a, n, sizeof *nodes);
    for (size_t i = 0; i < n && list.err == IC_OK; i++)
        ic_mlspub_path_node_read(&list, a, &nodes[i]);
    out->nodes = nodes;
    out->node_count = n;
    ic_reader_fail(r, ic_reader_end(&list));
}

void ic_mlspub_update_path_write(struct ic_writer *w, const struct ic_mlspub_update_path *x)
{
    ic_mlspub_leaf_node_write(w, &x->leaf);
    size_t mark = ic_write_open(w);
    for (size_t i = 0; i < x->node_count; i++)
        ic_mlspub_path_node_write(w, &x->nodes[i]);
    ic_write_close(w, mark);
}

static size_t count_proposals(struct ic_reader list)
{
    struct ic_mlspub_proposal_or_ref x;
    size_t n = 0;
    while (ic_reader_more(&list)) {
        ic_mlspub_proposal_or_ref_read(&list, NULL, &x);
        n++;
    }
    return n;
}

void ic_mlspub_commit_read(struct ic_reader *r, struct ic_arena *a, struct ic_mlspub_commit *out)
{
    struct ic_reader list = ic_read_sub(r, VEC_MAX);
    size_t n = count_proposals(list);
    struct ic_mlspub_proposal_or_ref *items = ic_mlspub_read_array(&list, a, n, sizeof *items);
    for (size_t i = 0; i < n && list.err == IC_OK; i++)
        ic_mlspub_proposal_or_ref_read(&list, a, &items[i]);
    out->proposals = items;
    out->proposal_count = n;
    ic_reader_fail(r, ic_reader_end(&list));
    out->has_path = ic_mlspub_read_optional(r);
    if (out->has_path)
        ic_mlspub_update_path_read(r, a, &out->path);
}

void ic_mlspub_commit_write(struct ic_writer *w, const struct ic_mlspub_commit *x)
{
    size_t mark = ic_write_open(w);
    for (size_t i = 0; i < x->proposal_count; i++)
        ic_mlspub_proposal_or_ref_write(w, &x->proposals[i]);
    ic_write_close(w, mark);
    ic_write_u8(w, x->has_path);
    if (x->has_path)
        ic_mlspub_update_path_write(w, &x->path);
}

CODEC_DECODE(psk_id)
CODEC_DECODE(proposal)
CODEC_DECODE(proposal_or_ref)
CODEC_DECODE(ciphertext)
CODEC_DECODE(path_node)
CODEC_DECODE(update_path)
CODEC_DECODE(commit)
