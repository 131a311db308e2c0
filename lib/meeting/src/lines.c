/* Which of a participant's lines have come. Everybody counts its own, from 0 in each run of its client, and
 * tells the count in heartbeats: so a line that the server withheld, or handed out twice, is noticed. */
#include "internal.h"
#include <stdio.h>

enum { WINDOW = 64 };

static void advance(struct person *p, uint64_t lines)
{
    uint64_t by = lines - p->lines;
    p->got = by >= WINDOW ? 0 : p->got << by;
    p->lines = lines;
}

/* They come late, or never. */
static void missing(struct ic_meeting *m, struct person *p, uint64_t lines)
{
    char text[96];
    snprintf(text, sizeof text, "%llu of this participant's lines did not arrive.",
             (unsigned long long)(lines - p->lines));
    ic_meeting_alert(m, "lines-missing", p->leaf, text);
    advance(p, lines);
}

/* A new run of its client counts from 0; what came before our entry is not ours to miss. */
static void know_life(struct person *p, uint64_t life, uint64_t lines)
{
    if (p->life == life)
        return;
    p->life = life;
    p->lines = p->counted ? 0 : lines;
    p->got = p->told = 0;
    p->counted = true;
}

bool ic_meeting_lines_take(struct ic_meeting *m, struct person *p, uint64_t life, uint64_t line)
{
    know_life(p, life, line);
    if (line >= p->lines) {
        if (line > p->lines)
            missing(m, p, line);
        advance(p, line + 1);
        p->got |= 1;
        return true;
    }
    uint64_t back = p->lines - 1 - line;
    if (back >= WINDOW || (p->got >> back & 1))
        return false; /* said once more after a lost acknowledgement */
    p->got |= 1ull << back;
    return true;
}

/* Heartbeats are outside the order, and overtake what was left out of it: it is asked for first. */
void ic_meeting_lines_told(struct ic_meeting *m, struct person *p, uint64_t life, uint64_t lines)
{
    know_life(p, life, lines);
    if (lines <= p->lines)
        return;
    p->told = lines;
    m->lines_told = true;
    if (m->in_step)
        ic_meeting_apply_fetch(m);
}

void ic_meeting_lines_check(struct ic_meeting *m)
{
    if (!m->lines_told)
        return;
    m->lines_told = false;
    for (size_t i = 0; i < m->person_count; i++)
        if (m->people[i].to == NEVER && m->people[i].told > m->people[i].lines)
            missing(m, &m->people[i], m->people[i].told);
}
