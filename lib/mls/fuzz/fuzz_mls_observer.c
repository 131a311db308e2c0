/* The delivery service's way: a GroupInfo, a tree, then messages, each a vector. Whatever is staged
 * is merged. And, as signatures keep a fuzzer out, the same commits through the rules with every
 * proposal taken as verified. */
#include <ic/base/mem.h>
#include <ic/mlspub/codec.h>
#include <ic/mlspub/observer.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW = 1700000000 };

static void apply(const struct ic_mlspub_rules *rules, const struct ic_mlspub_content *c,
                  const struct ic_mlspub_tree *t, struct ic_arena *arena)
{
    struct ic_mlspub_proposals list;
    struct ic_mlspub_outcome outcome;
    struct ic_mlspub_diff *d;
    if (ic_mlspub_proposals_resolve(NULL, &c->commit, c->sender, arena, &list, NULL) != IC_OK ||
        ic_mlspub_diff_new(t, &d) != IC_OK)
        return;
    for (size_t i = 0; i < list.count; i++)
        list.items[i].verified = true;
    uint32_t committer = c->sender.index;
    if (ic_mlspub_proposals_apply(rules, &list, d, arena, &outcome, NULL) == IC_OK) {
        if (ic_mlspub_diff_seal(d) != IC_OK)
            abort();
        if (c->commit.has_path)
            IC_IGNORE(ic_mlspub_path_apply(rules, &outcome, &c->commit.path, &committer, d, NULL));
    }
    ic_mlspub_diff_free(d);
}

static void through_rules(struct ic_mlspub_observer *o, struct ic_view message)
{
    IC_ARENA_SCOPE(arena, 1 << 22);
    IC_BUF_SCOPE(bytes, 1 << 20);
    struct ic_mlspub_message m;
    struct ic_mlspub_tree *t;
    const struct ic_mlspub_group_context *context = ic_mlspub_observer_context(o);
    const struct ic_suite *s = ic_suite_find(context->suite);
    if (ic_mlspub_message_decode(message, &arena, &m) != IC_OK ||
        m.wire_format != IC_MLS_PUBLIC_MESSAGE ||
        m.public_message.auth.content.type != IC_MLS_COMMIT)
        return;
    if (ic_mlspub_observer_tree(o, &bytes) != IC_OK ||
        ic_mlspub_tree_decode(s, ic_buf_view(&bytes), 0, NULL, &t) != IC_OK)
        abort();
    struct ic_mlspub_rules rules = {.suite = s, .context = context, .now_s = NOW};
    apply(&rules, &m.public_message.auth.content, t, &arena);
    ic_mlspub_tree_free(t);
}

static void deliver(struct ic_mlspub_observer *o, struct ic_view message)
{
    struct ic_mlspub_change *c;
    through_rules(o, message);
    if (ic_mlspub_observer_stage(o, message, NOW, &c) != IC_OK)
        return;
    for (size_t i = 0; i < ic_mlspub_change_count(c); i++)
        if (!ic_mlspub_change_item(c, i))
            abort();
    ic_mlspub_observer_merge(o, c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_reader r = ic_reader(ic_view(data, size));
    struct ic_view info = ic_read_vec(&r, 1 << 20), tree = ic_read_vec(&r, 1 << 20);
    struct ic_mlspub_observer *o;
    if (r.err != IC_OK || ic_mlspub_observer_open(info, tree, NOW, NULL, &o) != IC_OK)
        return 0;
    while (ic_reader_more(&r)) {
        struct ic_view message = ic_read_vec(&r, 1 << 20);
        if (r.err == IC_OK)
            deliver(o, message);
    }
    ic_mlspub_observer_free(o);
    return 0;
}
