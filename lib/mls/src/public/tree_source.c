/* Reading a tree, or a tree through a diff. */
#include "tree_internal.h"

/* What the diff has for the node: true where it has a value, or the node is beyond the diff's
 * floor. */
static bool overlaid(struct source s, uint32_t node, const void **rec)
{
    if (!s.d)
        return false;
    const struct touched *e = ic_mlspub_diff_find(s.d, node);
    if (e && e->flags & TOUCH_VALUE) {
        *rec = e->rec;
        return true;
    }
    *rec = NULL;
    return node >= ic_mlspub_node_count(s.d->floor);
}

const struct leaf_rec *ic_mlspub_source_leaf(struct source s, uint32_t leaf)
{
    if (leaf >= source_size(s))
        return NULL;
    const void *rec;
    if (overlaid(s, ic_mlspub_node_of_leaf(leaf), &rec))
        return rec;
    return s.t->leaves[leaf];
}

const struct parent_rec *ic_mlspub_source_parent(struct source s, uint32_t node)
{
    if (node >= ic_mlspub_node_count(source_size(s)))
        return NULL;
    const void *rec;
    if (overlaid(s, node, &rec))
        return rec;
    return s.t->parents[node / 2];
}

struct ic_view ic_mlspub_source_key(struct source s, uint32_t node)
{
    if (ic_mlspub_node_is_leaf(node)) {
        const struct leaf_rec *l = ic_mlspub_source_leaf(s, ic_mlspub_leaf_of_node(node));
        return l ? ic_mlspub_leaf_rec_key(l) : ic_view(NULL, 0);
    }
    const struct parent_rec *p = ic_mlspub_source_parent(s, node);
    return p ? parent_rec_key(p) : ic_view(NULL, 0);
}

bool ic_mlspub_source_empty(struct source s, uint32_t node)
{
    uint32_t first = ic_mlspub_node_first_leaf(node);
    uint32_t end = first + ic_mlspub_node_leaf_count(node);
    return ic_mlspub_bits_next(source_occupied(s), true, first, end) == end;
}

/* ---- resolution: section 4.1.1 ---- */

struct resolution {
    struct source s;
    bool without_added;
    uint32_t *nodes; /* NULL while counting */
    size_t count;
};

/* RFC9420-7.5-2 RFC9420-7.6-1 */
static bool left_out(const struct resolution *z, uint32_t leaf)
{
    if (!z->without_added || !z->s.d)
        return false;
    const struct touched *e = ic_mlspub_diff_find(z->s.d, ic_mlspub_node_of_leaf(leaf));
    return e && e->flags & TOUCH_ADDED;
}

static void resolution_put(struct resolution *z, uint32_t node)
{
    if (ic_mlspub_node_is_leaf(node) && left_out(z, ic_mlspub_leaf_of_node(node)))
        return;
    if (z->nodes)
        z->nodes[z->count] = node;
    z->count++;
}

static void resolve(struct resolution *z, uint32_t node)
{
    if (ic_mlspub_source_empty(z->s, node))
        return;
    if (ic_mlspub_node_is_leaf(node)) {
        resolution_put(z, node);
        return;
    }
    const struct parent_rec *p = ic_mlspub_source_parent(z->s, node);
    if (!p) {
        resolve(z, ic_mlspub_node_left(node));
        resolve(z, ic_mlspub_node_right(node));
        return;
    }
    resolution_put(z, node);
    struct ic_view unmerged = parent_rec_unmerged(p);
    for (size_t i = 0; i < unmerged.len; i += 4)
        resolution_put(z, ic_mlspub_node_of_leaf(ic_load_u32(unmerged.p + i)));
}

size_t ic_mlspub_source_resolution_count(struct source s, uint32_t node, bool without_added)
{
    struct resolution z = {.s = s, .without_added = without_added};
    resolve(&z, node);
    return z.count;
}

ic_err ic_mlspub_source_resolution(struct source s, uint32_t node, bool without_added,
                                   struct ic_arena *a, const uint32_t **nodes, size_t *count)
{
    struct resolution z = {.s = s, .without_added = without_added};
    resolve(&z, node);
    z.nodes = ic_arena_alloc(a, z.count, sizeof *z.nodes);
    if (!z.nodes)
        return IC_ERR_NOMEM;
    z.count = 0;
    resolve(&z, node);
    *nodes = z.nodes;
    *count = z.count;
    return IC_OK;
}

uint32_t ic_mlspub_tree_path_cost(const struct ic_mlspub_tree *t, uint32_t leaf)
{
    struct source s = {t, NULL};
    size_t cost = 0;
    if (!ic_mlspub_source_leaf(s, leaf))
        return IC_MLSPUB_NO_LEAF;
    uint32_t root = ic_mlspub_node_root(t->size);
    for (uint32_t node = ic_mlspub_node_of_leaf(leaf); node != root;
         node = ic_mlspub_node_parent(node))
        cost += ic_mlspub_source_resolution_count(s, ic_mlspub_node_sibling(node), false);
    return (uint32_t)cost;
}

/* ---- encoding: section 12.4.3.3 ---- */

static bool source_blank(struct source s, uint32_t node)
{
    if (ic_mlspub_node_is_leaf(node))
        return !ic_mlspub_source_leaf(s, ic_mlspub_leaf_of_node(node));
    return !ic_mlspub_source_parent(s, node);
}

void ic_mlspub_source_node_write(struct ic_writer *w, struct source s, uint32_t node)
{
    bool leaf = ic_mlspub_node_is_leaf(node);
    ic_write_u8(w, leaf ? 1 : 2); /* NodeType */
    if (leaf) {
        ic_write_bytes(w, leaf_rec_view(ic_mlspub_source_leaf(s, ic_mlspub_leaf_of_node(node))));
        return;
    }
    const struct parent_rec *p = ic_mlspub_source_parent(s, node);
    ic_write_vec(w, parent_rec_key(p));
    ic_write_vec(w, parent_rec_hash(p));
    ic_write_vec(w, parent_rec_unmerged(p));
}

static void write_optional_node(struct ic_writer *w, struct source s, uint32_t node)
{
    bool present = !source_blank(s, node);
    ic_write_u8(w, present);
    if (present)
        ic_mlspub_source_node_write(w, s, node);
}

ic_err ic_mlspub_source_encode(struct source s, struct ic_buf *out)
{
    uint32_t end = ic_mlspub_node_count(source_size(s));
    /* RFC9420-12.4.3.3-1 */
    while (end > 0 && source_blank(s, end - 1))
        end--;
    struct ic_writer w = ic_writer(out);
    size_t mark = ic_write_open(&w);
    for (uint32_t node = 0; node < end; node++)
        write_optional_node(&w, s, node);
    ic_write_close(&w, mark);
    return ic_writer_end(&w);
}
