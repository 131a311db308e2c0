#include "forget.h"

static void forget_leaf(struct ic_mlspub_leaf_node *l)
{
    l->encoded = l->tbs = ic_view(NULL, 0);
}

static void forget_key_package(struct ic_mlspub_key_package *k)
{
    forget_leaf(&k->leaf);
    k->encoded = k->tbs = ic_view(NULL, 0);
}

void forget_proposal(struct ic_mlspub_proposal *p)
{
    p->encoded = ic_view(NULL, 0);
    if (p->type == IC_MLS_ADD)
        forget_key_package(&p->add);
    else if (p->type == IC_MLS_UPDATE)
        forget_leaf(&p->update);
}

bool forget_commit(struct ic_mlspub_commit *c, struct ic_arena *arena)
{
    struct ic_mlspub_proposal_or_ref *list = ic_arena_alloc(arena, c->proposal_count, sizeof *list);
    if (!list)
        return false;
    for (size_t i = 0; i < c->proposal_count; i++) {
        list[i] = c->proposals[i];
        forget_proposal(&list[i].proposal);
    }
    c->proposals = list;
    if (c->has_path)
        forget_leaf(&c->path.leaf);
    return true;
}

bool forget_message(struct ic_mlspub_message *m, struct ic_arena *arena)
{
    struct ic_mlspub_content *c = &m->public_message.auth.content;
    switch (m->wire_format) {
    case IC_MLS_PUBLIC_MESSAGE:
        c->encoded = ic_view(NULL, 0);
        if (c->type == IC_MLS_PROPOSAL)
            forget_proposal(&c->proposal);
        else if (c->type == IC_MLS_COMMIT)
            return forget_commit(&c->commit, arena);
        break;
    case IC_MLS_GROUP_INFO:
        m->group_info.encoded = m->group_info.tbs = ic_view(NULL, 0);
        break;
    case IC_MLS_KEY_PACKAGE:
        forget_key_package(&m->key_package);
        break;
    default:
        break;
    }
    return true;
}
