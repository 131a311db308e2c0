/* A small town for the fuzzer of live groups: people, one group among them, and a mail that keeps every message
 * ever sent and delivers any of them to anybody, in any order, spoilt or not. What must hold at all times is
 * checked here, and the process aborts where it does not:
 *
 * - an operation that fails leaves the group as it was;
 * - a spoilt message is refused;
 * - what is read is what was said, and nobody reads it twice;
 * - whoever holds the same GroupContext holds the same secrets. */
#ifndef FUZZ_TOWN_H
#define FUZZ_TOWN_H

#include <ic/mls/group.h>

enum { TOWN_PEOPLE = 6, TOWN_MAIL = 48 };

struct town_person {
    struct ic_sign_key *signer;
    struct ic_mls_identity id;
    struct ic_mls_key_package *package; /* the one last made */
    struct ic_mls_group *g;             /* NULL: outside */
    struct ic_mls_staged *own;          /* a commit of ours that is on its way */
    struct ic_mls_staged *other;        /* somebody else's, not yet decided upon */
};

/* An insider's letter is well signed and tagged, but a commit's confirmation tag is wrong. */
enum town_state { TOWN_WHOLE, TOWN_SPOILT, TOWN_INSIDER };

enum town_kind { TOWN_HANDSHAKE, TOWN_TEXT, TOWN_WELCOME, TOWN_GROUP_INFO };

struct town_letter {
    enum town_kind kind;
    enum town_state state;
    uint8_t said;     /* of a text: its one byte */
    uint32_t readers; /* of a text: who has read it, a bit each */
    struct ic_buf bytes;
};

struct town {
    uint64_t rand_state, now_s;
    struct ic_mls_config config;
    struct town_person people[TOWN_PEOPLE];
    struct town_letter mail[TOWN_MAIL];
    size_t mail_count;
};

/* Person 0 has made the group and added 1 and 2. Aborts on failure. */
void town_open(struct town *t);
void town_close(struct town *t);
/* Aborts unless ok. */
void town_assert(bool ok);
/* Keeps a copy, while there is room. */
void town_post(struct town *t, enum town_kind kind, struct ic_view bytes, uint8_t said,
               enum town_state state);
/* NULL where there is none. */
struct town_letter *town_letter(struct town *t, uint8_t i);
/* Delivers; a commit waits in p->other, in place of what waited there. */
void town_deliver(struct town *t, struct town_person *p, struct town_letter *m);
/* Takes the person out of the group, with all that is on its way. */
void town_leave(struct town_person *p);
/* What a group shows of its state, appended. */
void town_snapshot(const struct ic_mls_group *g, struct ic_buf *out);
void town_check(const struct town *t);

#endif
