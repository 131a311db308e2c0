#include <ic/crypto/hash.h>
#include <ic/merkle/tree.h>

static void hash_parts(uint8_t prefix, struct ic_view a, struct ic_view b,
                       struct ic_merkle_hash *out)
{
    struct ic_hash h;
    ic_hash_init(&h, IC_SHA256);
    ic_hash_update(&h, ic_view(&prefix, 1));
    ic_hash_update(&h, a);
    ic_hash_update(&h, b);
    ic_hash_final(&h, out->bytes);
}

void ic_merkle_leaf_hash(struct ic_view entry, struct ic_merkle_hash *out)
{
    hash_parts(0, entry, ic_view(NULL, 0), out);
}

void ic_merkle_node_hash(const struct ic_merkle_hash *left, const struct ic_merkle_hash *right,
                         struct ic_merkle_hash *out)
{
    hash_parts(1, ic_merkle_hash_view(left), ic_merkle_hash_view(right), out);
}

ic_err ic_merkle_edge_append(struct ic_merkle_edge *e, const struct ic_merkle_hash *leaf,
                             const struct ic_merkle_keep *keep)
{
    if (e->size >= IC_MERKLE_SIZE_MAX)
        return IC_ERR_LIMIT;
    struct ic_merkle_hash done = *leaf;
    unsigned level = 0;
    if (keep)
        IC_TRY(keep->put(keep->ctx, 0, e->size, &done));
    for (; e->size >> level & 1; level++) {
        ic_merkle_node_hash(&e->at[level], &done, &done);
        if (keep)
            IC_TRY(keep->put(keep->ctx, level + 1, e->size >> (level + 1), &done));
    }
    e->at[level] = done;
    e->size++;
    return IC_OK;
}

void ic_merkle_edge_root(const struct ic_merkle_edge *e, struct ic_merkle_hash *out)
{
    struct ic_merkle_hash root;
    bool any = false;
    for (unsigned level = 0; level <= IC_MERKLE_LEVELS; level++) {
        if (!(e->size >> level & 1))
            continue;
        if (any)
            ic_merkle_node_hash(&e->at[level], &root, &root);
        else
            root = e->at[level];
        any = true;
    }
    if (!any)
        ic_hash_once(IC_SHA256, ic_view(NULL, 0), root.bytes);
    *out = root;
}

ic_err ic_merkle_edge_load(const struct ic_merkle_nodes *nodes, uint64_t size,
                           struct ic_merkle_edge *out)
{
    if (size > IC_MERKLE_SIZE_MAX)
        return IC_ERR_RANGE;
    struct ic_merkle_edge e = {.size = size};
    for (unsigned level = 0; level <= IC_MERKLE_LEVELS; level++)
        if (size >> level & 1)
            IC_TRY(nodes->get(nodes->ctx, level, (size >> level) - 1, &e.at[level]));
    *out = e;
    return IC_OK;
}

void ic_merkle_path_read(struct ic_reader *r, struct ic_merkle_path *out)
{
    struct ic_view v = ic_read_vec(r, IC_MERKLE_PATH_MAX * IC_MERKLE_HASH_LEN);
    if (v.len % IC_MERKLE_HASH_LEN)
        ic_reader_fail(r, IC_ERR_MALFORMED);
    out->count = 0;
    if (r->err != IC_OK)
        return;
    out->count = (uint8_t)(v.len / IC_MERKLE_HASH_LEN);
    if (v.len)
        memcpy(out->hash, v.p, v.len);
}

void ic_merkle_path_write(struct ic_writer *w, const struct ic_merkle_path *path)
{
    ic_write_vec(w, ic_view(path->hash, (size_t)path->count * IC_MERKLE_HASH_LEN));
}

ic_err ic_merkle_path_decode(struct ic_view v, struct ic_merkle_path *out)
{
    struct ic_reader r = ic_reader(v);
    struct ic_merkle_path path;
    ic_merkle_path_read(&r, &path);
    IC_TRY(ic_reader_end(&r));
    *out = path;
    return IC_OK;
}

ic_err ic_merkle_path_encode(const struct ic_merkle_path *path, struct ic_buf *out)
{
    struct ic_writer w = ic_writer(out);
    ic_merkle_path_write(&w, path);
    return ic_writer_end(&w);
}
