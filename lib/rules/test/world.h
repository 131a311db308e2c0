/* A small group in public data: keys, terms, leaves, and a change to judge. */
#ifndef RULES_TEST_WORLD_H
#define RULES_TEST_WORLD_H

#include <ic/base/test.h>
#include <ic/rules/rules.h>

enum { ORGANISER, COHOST, GUEST, STRANGER, METER, KEYS, LEAVES = STRANGER };

struct world {
    struct ic_test_rand rand;
    struct ic_sign_key *key[KEYS]; /* METER signs the terms: the meeting key */
    struct ic_buf terms, extensions, data;
    struct ic_mlspub_leaf_node leaf[LEAVES];
    struct ic_mlspub_group_context context;
    struct ic_rules_group group;
    struct ic_mlspub_proposal proposal[4];
    struct ic_mlspub_change_item item[4];
    struct ic_rules_change change;
    struct ic_rules_fault fault;
};

void world_open(struct world *w);
void world_close(struct world *w);
#define WORLD(name)                                                                                \
    __attribute__((cleanup(world_close))) struct world name = {0};                                 \
    world_open(&name);                                                                             \
    if (ic_test_failed())                                                                          \
    return

struct ic_view key_of(const struct world *w, int who);
/* The world's terms, decoded; views into w->terms. */
struct ic_wire_terms world_terms(const struct world *w);
/* Puts encoded terms into the group context. */
void world_set_terms(struct world *w, struct ic_view terms);
/* Signs t by `who`, former being the world's terms, and puts it where the group has its terms. */
void world_resign(struct world *w, const struct ic_wire_terms *t, int who);
/* An extension list with these terms and the group's other extensions. */
void make_extensions(struct ic_buf *out, struct ic_view terms, struct ic_view external_senders);

/* One more proposal to the change, by a member leaf. */
struct ic_mlspub_proposal *propose(struct world *w, uint32_t by, uint16_t type);
/* An Add of the stranger. */
struct ic_mlspub_proposal *propose_add(struct world *w, uint32_t by);
void commit_by(struct world *w, uint32_t leaf);
void set_data(struct world *w, uint64_t time_ms, struct ic_view tickets, struct ic_view proofs);
/* KeyPackageRef of the stranger. */
void stranger_ref(const struct world *w, uint8_t out[32]);

bool judged(struct world *w, const char *rule, const char *file, int line);
#define CHECK_ALLOWED(w) IC_TEST_RETURN_UNLESS_(judged((w), "", __FILE__, __LINE__))
#define CHECK_RULE(w, rule) IC_TEST_RETURN_UNLESS_(judged((w), (rule), __FILE__, __LINE__))

#endif
