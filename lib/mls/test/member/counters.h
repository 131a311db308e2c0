/* Calls and bytes that a program counts by wrapped functions: what a bug would multiply. */
#ifndef TEST_COUNTERS_H
#define TEST_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

struct counters {
    size_t blocks, bytes; /* allocated */
    size_t verified;      /* signatures */
    size_t infos;         /* HPKE infos serialised and hashed */
    size_t group_infos;   /* built and signed */
    size_t expanded;      /* values derived by ExpandWithLabel */
    size_t node_hashes;   /* of leaves and parents of a tree */
};

/* Since the last call of counters_begin. */
/* Messages of ours say that they are of this generation; 0: of their own. */
extern uint32_t counters_generation;
extern struct counters counters;
void counters_begin(void);

#endif
