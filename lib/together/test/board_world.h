/* Boards of several people and the one order between them, in memory. */
#ifndef IC_TOGETHER_TEST_BOARD_WORLD_H
#define IC_TOGETHER_TEST_BOARD_WORLD_H

#include <ic/base/test.h>
#include <ic/together/board.h>

enum { WORLD_PEOPLE = 6, WORLD_LOG = 20000 };

struct world_word { /* what was said, and how far each has heard it */
    unsigned from;
    uint16_t kind;
    uint64_t seq;
    uint8_t *p;
    size_t len;
};
struct world {
    struct ic_test_rand rand;
    struct ic_together_board *b[WORLD_PEOPLE];
    bool here[WORLD_PEOPLE];
    size_t heard[WORLD_PEOPLE]; /* into log */
    struct world_word *log;
    size_t log_len;
    uint64_t seq, now_ms;
};

void world_open(struct world *w, uint64_t seed);
void world_close(struct world *w);
/* A new board that hears what is said from now on. */
void world_enter(struct world *w, unsigned who);
/* Takes what `who` has to say into the order, at most `most` of it. */
void world_speak(struct world *w, unsigned who, size_t most);
/* Brings at most `most` words to `who`. */
void world_listen(struct world *w, unsigned who, size_t most);
/* Everything is said and heard; time passes until nobody waits for anything. */
void world_settle(struct world *w);
bool world_agree(const struct world *w);
uint64_t world_author(unsigned who);
uint64_t world_dice(struct world *w, uint64_t sides);

struct ic_together_board_element world_shape(uint8_t type, int32_t x, int32_t y, int32_t wide,
                                             int32_t high);
/* One item, PUT of a new element of `who`. */
ic_err world_put(struct world *w, unsigned who, const struct ic_together_board_element *e);
ic_err world_delete(struct world *w, unsigned who, struct ic_together_board_id id);
/* The number of refusals of that rule among the events, which are all taken. */
size_t world_refusals(struct world *w, unsigned who, const char *rule);

#define WORLD(name, seed)                                                                          \
    __attribute__((cleanup(world_close))) struct world name = {0};                                 \
    world_open(&name, (seed))

#endif
