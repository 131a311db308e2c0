/* Our own certificate is renewed in mid-meeting: a commit of ours shows the new chain to everybody. */
#include "internal.h"
#include <ic/mlspub/codec.h>

/* What our leaf says beside RFC 9420's own: that we are a web client, the log's word. */
ic_err ic_meeting_renew_extensions(struct ic_meeting *m, struct ic_view staple)
{
    IC_BUF_SCOPE(list, IC_MEETING_STAPLE_MAX + 16);
    struct ic_writer w = ic_writer(&list);
    if (staple.len > IC_MEETING_STAPLE_MAX)
        return IC_ERR_LIMIT;
    if (m->config.web)
        ic_mlspub_extension_write(&w, IC_WIRE_EXT_WEB_CLIENT, ic_view(NULL, 0));
    if (staple.len)
        ic_mlspub_extension_write(&w, IC_WIRE_EXT_LOG_STAPLE, staple);
    IC_TRY(ic_writer_end(&w));
    return ic_meeting_set_buf(&m->leaf_extensions, ic_buf_view(&list));
}

/* Our leaf in the group, else as it will come into one. */
static struct ic_mlspub_leaf_node shown(const struct ic_meeting *m)
{
    struct ic_mlspub_leaf_node leaf = {.signature_key = ic_meeting_own_key(m)};
    if (!m->group || m->creating ||
        ic_mls_leaf(m->group, ic_mls_own_leaf(m->group), &leaf) != IC_OK)
        IC_IGNORE(ic_meeting_identity_own(m, &leaf.credential));
    return leaf;
}

ic_err ic_meeting_renew(struct ic_meeting *m, struct ic_view certificates, struct ic_view staple,
                        uint64_t now_ms)
{
    char name[IC_RULES_NAME_MAX + 1];
    struct ic_mlspub_leaf_node former = shown(m),
                               next = {.signature_key = ic_meeting_own_key(m),
                                       .credential = {IC_MLS_X509, certificates}};
    m->now_ms = now_ms;
    if (!ic_rules_leaf_name(&next, name))
        return IC_ERR_KEY;
    bool first = former.credential.type != IC_MLS_X509 && !m->group && !m->key_package;
    if (!first && !ic_rules_may_follow(&former, &next))
        return IC_ERR_RULE;
    IC_TRY(ic_meeting_renew_extensions(m, staple));
    IC_TRY(ic_meeting_set_buf(&m->certificates, certificates));
    m->renewing = true; /* also where a Welcome for our former key package is on its way */
    ic_meeting_want_soon(m, now_ms);
    ic_meeting_settle(m);
    return IC_OK;
}

void ic_meeting_renew_prune(struct ic_meeting *m)
{
    struct ic_mlspub_leaf_node leaf, next;
    struct ic_mlspub_credential own;
    if (!m->renewing || !m->group || m->creating ||
        ic_mls_leaf(m->group, ic_mls_own_leaf(m->group), &leaf) != IC_OK ||
        ic_meeting_identity_own(m, &own) != IC_OK)
        return;
    next = leaf;
    next.credential = own;
    bool done = ic_view_equal(leaf.credential.identity, own.identity) &&
                ic_view_equal(leaf.extensions, ic_buf_view(&m->leaf_extensions));
    /* A resync brought back a leaf of another name, which this one may not follow: it stays as it is. */
    if (done || !ic_rules_may_follow(&leaf, &next))
        m->renewing = false;
}

bool ic_meeting_renew_follows(const struct ic_meeting *m, const struct ic_mlspub_leaf_node *former)
{
    struct ic_mlspub_leaf_node next = {.signature_key = ic_meeting_own_key(m)};
    return ic_meeting_identity_own(m, &next.credential) == IC_OK &&
           ic_rules_may_follow(former, &next);
}
