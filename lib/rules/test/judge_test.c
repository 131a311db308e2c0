#include "world.h"
#include <ic/base/mem.h>
#include <ic/crypto/hash.h>

TEST(host_adds)
{
    WORLD(w);
    propose_add(&w, COHOST);
    CHECK_ALLOWED(&w); /* committed by the guest: the proposer's authority counts */
    w.item[0].sender.index = GUEST;
    CHECK_RULE(&w, "add-without-authority");
    CHECK_EQ_INT(w.fault.leaf, GUEST);
    commit_by(&w, ORGANISER);
    CHECK_RULE(&w, "add-without-authority"); /* and a host that commits it lends none */
}

TEST(add_by_ticket)
{
    WORLD(w);
    uint8_t ref[32], sig[IC_SIG_MAX];
    IC_BUF_SCOPE(tickets, 10000);
    stranger_ref(&w, ref);
    struct ic_wire_ticket t = {
        .ref = IC_VIEW_ARRAY(ref), .bearer = key_of(&w, GUEST), .expiry_ms = 5000};
    CHECK_OK(ic_rules_ticket_sign(w.context.group_id, w.key[COHOST], &t, sig));
    CHECK_OK(ic_wire_ticket_add(&tickets, &t));
    propose_add(&w, GUEST);
    set_data(&w, 2000, ic_buf_view(&tickets), ic_view(NULL, 0));
    CHECK_ALLOWED(&w);
    set_data(&w, 5001, ic_buf_view(&tickets), ic_view(NULL, 0));
    CHECK_RULE(&w, "add-without-authority"); /* expired by the commit's own time */
    set_data(&w, 2000, ic_buf_view(&tickets), ic_view(NULL, 0));
    w.context.group_id = IC_VIEW_STR("other");
    CHECK_RULE(&w, "add-without-authority");
    w.context.group_id = IC_VIEW_STR("group");
    w.proposal[0].add.encoded = IC_VIEW_STR("a swapped key package");
    CHECK_RULE(&w, "add-without-authority");
}

TEST(ticket_of_a_guest_or_for_another_bearer_or_too_long_is_none)
{
    WORLD(w);
    uint8_t ref[32], sig[IC_SIG_MAX];
    stranger_ref(&w, ref);
    propose_add(&w, GUEST);
    const struct {
        int signer, bearer;
        uint64_t expiry_ms;
    } rows[] = {{GUEST, GUEST, 5000},
                {COHOST, COHOST, 5000},
                {COHOST, GUEST, 2001 + (uint64_t)IC_RULES_TICKET_MS}};
    for (size_t i = 0; i < 3; i++) {
        IC_BUF_SCOPE(tickets, 10000);
        struct ic_wire_ticket t = {.ref = IC_VIEW_ARRAY(ref),
                                   .bearer = key_of(&w, rows[i].bearer),
                                   .expiry_ms = rows[i].expiry_ms};
        CHECK_OK(ic_rules_ticket_sign(w.context.group_id, w.key[rows[i].signer], &t, sig));
        CHECK_OK(ic_wire_ticket_add(&tickets, &t));
        set_data(&w, 2000, ic_buf_view(&tickets), ic_view(NULL, 0));
        CHECK_RULE(&w, "add-without-authority");
    }
}

TEST(add_by_link)
{
    WORLD(w);
    uint8_t ref[32], proof[32];
    IC_BUF_SCOPE(proofs, 1000);
    stranger_ref(&w, ref);
    ic_rules_proof(IC_VIEW_STR("join secret"), w.context.group_id, IC_VIEW_ARRAY(ref), proof);
    CHECK_OK(ic_wire_list_add(&proofs, IC_VIEW_ARRAY(proof)));
    propose_add(&w, GUEST);
    set_data(&w, 2000, ic_view(NULL, 0), ic_buf_view(&proofs));
    CHECK_RULE(&w, "add-without-authority"); /* hosts admit here */
    struct ic_wire_terms t = world_terms(&w);
    t.admission = IC_WIRE_LINK_ADMITS;
    t.seq++;
    world_resign(&w, &t, ORGANISER);
    CHECK_ALLOWED(&w);
    proofs.p[5] ^= 1;
    set_data(&w, 2000, ic_view(NULL, 0), ic_buf_view(&proofs));
    CHECK_RULE(&w, "add-without-authority");
    w.group.join_secret = ic_view(NULL, 0);
    CHECK_ALLOWED(&w); /* an outsider cannot tell */
    set_data(&w, 2000, ic_view(NULL, 0), ic_view(NULL, 0));
    CHECK_RULE(&w, "add-without-authority");
}

TEST(add_needs_a_name)
{
    WORLD(w);
    struct ic_mlspub_proposal *p = propose_add(&w, ORGANISER);
    p->add.leaf.credential.identity = ic_view(NULL, 0);
    CHECK_RULE(&w, "add-credential");
    p->add.leaf.credential.identity = IC_VIEW_STR("a\nb");
    CHECK_RULE(&w, "add-credential");
    p->add.leaf.credential.identity = IC_VIEW_STR("\xe2\x80\xae"
                                                  "ada"); /* U+202E turns it round */
    CHECK_RULE(&w, "add-credential");
    p->add.leaf.credential.identity = IC_VIEW_STR("Ada\xe2\x81\xa9");
    CHECK_RULE(&w, "add-credential");
    static const char *const unseen[] = {"Ada\xe2\x80\x8b", "Ada\xe2\x80\x8f", "Ada\xe2\x81\xa0",
                                         "Ada\xe2\x81\xa4",
                                         ("\xef\xbb\xbf"
                                          "Ada")};
    for (size_t i = 0; i < IC_ARRAY_LEN(unseen); i++) {
        p->add.leaf.credential.identity = ic_view_cstr(unseen[i]);
        CHECK_RULE(&w, "add-credential");
    }
    p->add.leaf.credential.identity = IC_VIEW_STR("\xe2\x80\xa6 \xe2\x82\xac"); /* no such thing */
    CHECK_ALLOWED(&w);
    p->add.leaf.credential.identity =
        IC_VIEW_STR("0123456789012345678901234567890123456789012345678901234567890123x");
    CHECK_RULE(&w, "add-credential");
    p->add.leaf.credential = (struct ic_mlspub_credential){IC_MLS_X509, IC_VIEW_STR("Sam")};
    CHECK_RULE(&w, "add-credential");
}

TEST(add_while_locked)
{
    WORLD(w);
    struct ic_wire_terms t = world_terms(&w);
    t.locked = 1;
    t.seq++;
    world_resign(&w, &t, COHOST);
    propose_add(&w, ORGANISER);
    CHECK_RULE(&w, "add-while-locked");
}

static void bar_stranger(struct world *w)
{
    uint8_t hash[32];
    IC_BUF_SCOPE(barred, 1000);
    ic_hash_once(IC_SHA256, key_of(w, STRANGER), hash);
    CHECK_OK(ic_wire_list_add(&barred, IC_VIEW_ARRAY(hash)));
    struct ic_wire_terms t = world_terms(w);
    t.barred = ic_buf_view(&barred);
    t.seq++;
    world_resign(w, &t, ORGANISER);
}

/* A host readmits by lifting the bar in the same commit. */
TEST(add_of_a_barred_key)
{
    WORLD(w);
    IC_BUF_SCOPE(lifted, 10000);
    IC_BUF_SCOPE(extensions, 10000);
    bar_stranger(&w);
    if (ic_test_failed())
        return;
    propose_add(&w, ORGANISER);
    commit_by(&w, ORGANISER);
    CHECK_RULE(&w, "add-barred");
    struct ic_wire_terms former = world_terms(&w), t = former;
    t.barred = ic_view(NULL, 0);
    t.seq++;
    CHECK_OK(ic_rules_terms_sign(&t, &former, w.key[ORGANISER], &lifted));
    make_extensions(&extensions, ic_buf_view(&lifted), IC_VIEW_STR("the server"));
    propose(&w, ORGANISER, IC_MLS_GROUP_CONTEXT_EXTENSIONS)->group_context_extensions =
        ic_buf_view(&extensions);
    CHECK_ALLOWED(&w);
}

TEST(removes)
{
    WORLD(w);
    propose(&w, COHOST, IC_MLS_REMOVE)->remove = GUEST;
    CHECK_ALLOWED(&w);
    w.item[0].sender.index = GUEST;
    CHECK_ALLOWED(&w); /* leaving */
    w.proposal[0].remove = COHOST;
    CHECK_RULE(&w, "remove-without-authority");
    w.item[0].sender = (struct ic_mlspub_sender){IC_MLS_SENDER_EXTERNAL, 0};
    CHECK_ALLOWED(&w); /* the server declares it absent */
}

TEST(external_senders_only_remove)
{
    WORLD(w);
    propose_add(&w, 0);
    w.item[0].sender.type = IC_MLS_SENDER_EXTERNAL;
    CHECK_RULE(&w, "external-sender-proposal");
    w.item[0].sender.type = IC_MLS_SENDER_NEW_MEMBER_PROPOSAL;
    CHECK_RULE(&w, "new-member-proposal");
}

TEST(server_remove_alone_carries_no_data)
{
    WORLD(w);
    propose(&w, 0, IC_MLS_REMOVE)->remove = GUEST;
    w.item[0].sender = w.change.sender = (struct ic_mlspub_sender){IC_MLS_SENDER_EXTERNAL, 0};
    w.change.is_commit = false;
    w.change.authenticated_data = ic_view(NULL, 0);
    CHECK_ALLOWED(&w);
}

TEST(no_psk_reinit_or_unknown_proposals)
{
    WORLD(w);
    propose(&w, ORGANISER, IC_MLS_PSK);
    CHECK_RULE(&w, "psk-proposal");
    w.proposal[0].type = IC_MLS_REINIT;
    CHECK_RULE(&w, "reinit-proposal");
    w.proposal[0].type = 0xf00d;
    CHECK_RULE(&w, "proposal-type");
    w.proposal[0].type = IC_MLS_EXTERNAL_INIT;
    CHECK_RULE(&w, "proposal-type");
}

TEST(identities_do_not_change)
{
    WORLD(w);
    struct ic_mlspub_leaf_node leaf = w.leaf[COHOST];
    commit_by(&w, COHOST);
    w.change.path_leaf = &leaf;
    CHECK_ALLOWED(&w);
    leaf.credential.identity = IC_VIEW_STR("Olga");
    CHECK_RULE(&w, "identity-changed");
    leaf = w.leaf[COHOST];
    leaf.signature_key = key_of(&w, STRANGER);
    CHECK_RULE(&w, "identity-changed");
    CHECK_EQ_INT(w.fault.leaf, COHOST);
    w.change.path_leaf = NULL;
    propose(&w, GUEST, IC_MLS_UPDATE)->update = w.leaf[GUEST];
    CHECK_ALLOWED(&w);
    w.proposal[0].update.credential.type = IC_MLS_X509;
    CHECK_RULE(&w, "identity-changed");
    CHECK_EQ_INT(w.fault.leaf, GUEST);
}

TEST(commit_time_is_monotone)
{
    WORLD(w);
    set_data(&w, 1000, ic_view(NULL, 0), ic_view(NULL, 0));
    CHECK_ALLOWED(&w);
    set_data(&w, 999, ic_view(NULL, 0), ic_view(NULL, 0));
    CHECK_RULE(&w, "commit-time");
    w.change.is_commit = false;
    CHECK_ALLOWED(&w); /* of proposals nothing is asked */
    w.change.authenticated_data = IC_VIEW_STR("junk");
    CHECK_RULE(&w, "commit-data");
    w.change.authenticated_data = ic_view(NULL, 0);
    CHECK_RULE(&w, "commit-data");
}

static void external_commit(struct world *w, const struct ic_mlspub_leaf_node *leaf)
{
    w->change.sender = (struct ic_mlspub_sender){IC_MLS_SENDER_NEW_MEMBER_COMMIT, 0};
    w->change.committer = GUEST;
    w->change.path_leaf = leaf;
    propose(w, 0, IC_MLS_EXTERNAL_INIT);
    propose(w, 0, IC_MLS_REMOVE)->remove = GUEST;
}

/* No client has PSKs: all would be stuck on it. */
TEST(external_commit_brings_no_psk)
{
    WORLD(w);
    struct ic_mlspub_leaf_node leaf = w.leaf[GUEST];
    external_commit(&w, &leaf);
    propose(&w, 0, IC_MLS_PSK);
    CHECK_RULE(&w, "external-commit-not-resync");
}

TEST(external_commit_is_a_resync)
{
    WORLD(w);
    struct ic_mlspub_leaf_node leaf = w.leaf[GUEST];
    external_commit(&w, &leaf);
    CHECK_ALLOWED(&w);
    leaf.credential.identity = IC_VIEW_STR("Olga");
    CHECK_RULE(&w, "external-commit-identity");
    leaf = w.leaf[GUEST];
    leaf.signature_key = key_of(&w, STRANGER);
    CHECK_RULE(&w, "external-commit-identity");
    leaf = w.leaf[GUEST];
    w.proposal[1].remove = ORGANISER;
    CHECK_RULE(&w, "external-commit-identity");
    w.proposal[1].remove = 99;
    CHECK_RULE(&w, "external-commit-not-resync");
    w.proposal[1].type = IC_MLS_EXTERNAL_INIT;
    CHECK_RULE(&w, "external-commit-not-resync");
}

TEST(external_commit_holds_nothing_else)
{
    WORLD(w);
    external_commit(&w, &w.leaf[GUEST]);
    propose(&w, 0, IC_MLS_REMOVE)->remove = ORGANISER;
    CHECK_RULE(&w, "external-commit-not-resync");
    w.proposal[3].type = IC_MLS_GROUP_CONTEXT_EXTENSIONS;
    CHECK_RULE(&w, "external-commit-not-resync");
}

/* A host that the terms name may always return, added by whoever is there. */
TEST(add_of_a_host)
{
    WORLD(w);
    struct ic_wire_terms t = world_terms(&w);
    t.locked = 1;
    t.seq++;
    world_resign(&w, &t, COHOST);
    struct ic_mlspub_proposal *p = propose_add(&w, GUEST);
    CHECK_RULE(&w, "add-while-locked");
    p->add.leaf.signature_key = key_of(&w, ORGANISER);
    CHECK_ALLOWED(&w);
}
