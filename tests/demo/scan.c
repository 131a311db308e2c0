/* ic-scan NEEDLES... -- NAME=FILE_OR_FOLDER...
 *
 * Looks for what must not be there: every 16-byte window of every needle, at every byte offset of every
 * target. Needles are the JSON lines of `incamera join --test-export`: {"kind", "hex", ...}, where kind is
 * frame, chat or begins with "secret". Windows of fewer than 8 different bytes say nothing and are
 * skipped. One JSON object a target name, files of one name together:
 *
 *     {"name":"disk","bytes":123,"windows":456,"hits":{"frame":0,"chat":0,"secret":0},"first":"..."}
 *
 * hits counts offsets; first tells where the first one was, and of which needle. Exit status 0 whatever
 * was found, 2 where something could not be read.
 */
#include <fcntl.h>
#include <ftw.h>
#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WINDOW = 16, DISTINCT_MIN = 8, FILTER_BITS = 27, KINDS = 3, NEEDLE_MAX = 1 << 20 };

static const char *const kind_names[KINDS] = {"frame", "chat", "secret"};

struct window {
    uint8_t bytes[WINDOW];
    uint8_t kind; /* index + 1; 0: an empty place */
    uint32_t needle;
};

/* Open addressing; a bitmap over the first half of each window in front of it. */
struct set {
    struct window *place;
    size_t room, count;
    uint64_t *filter;
    uint32_t needles;
};

struct tally {
    const char *name;
    uint64_t bytes, hits[KINDS];
    char first[300];
};

static uint64_t half(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static uint64_t mix(uint64_t v)
{
    return v * 0x9e3779b97f4a7c15u;
}

static size_t place_of(const struct set *s, const uint8_t *p)
{
    size_t i = (size_t)(mix(half(p) ^ mix(half(p + 8))) >> 20) & (s->room - 1);
    while (s->place[i].kind && memcmp(s->place[i].bytes, p, WINDOW) != 0)
        i = (i + 1) & (s->room - 1);
    return i;
}

static bool telling(const uint8_t *p)
{
    uint8_t seen[256] = {0};
    unsigned n = 0;
    for (size_t i = 0; i < WINDOW; i++) {
        n += !seen[p[i]];
        seen[p[i]] = 1;
    }
    return n >= DISTINCT_MIN;
}

static bool grow(struct set *s)
{
    struct set bigger = {.room = s->room ? s->room * 2 : 1 << 16};
    bigger.place = ic_new_array(bigger.room, struct window);
    if (!bigger.place)
        return false;
    for (size_t i = 0; i < s->room; i++)
        if (s->place[i].kind)
            bigger.place[place_of(&bigger, s->place[i].bytes)] = s->place[i];
    ic_free(s->place);
    s->place = bigger.place;
    s->room = bigger.room;
    return true;
}

static bool add(struct set *s, uint8_t kind, struct ic_view needle)
{
    for (size_t at = 0; at + WINDOW <= needle.len; at++) {
        const uint8_t *p = needle.p + at;
        if (!telling(p))
            continue;
        if (s->count * 2 >= s->room && !grow(s))
            return false;
        struct window *w = &s->place[place_of(s, p)];
        if (w->kind)
            continue;
        memcpy(w->bytes, p, WINDOW);
        w->kind = kind;
        w->needle = s->needles;
        s->count++;
        uint64_t bit = mix(half(p)) >> (64 - FILTER_BITS);
        s->filter[bit / 64] |= 1ull << (bit % 64);
    }
    return true;
}

static uint8_t kind_of(const char *kind)
{
    for (uint8_t i = 0; kind && i < KINDS; i++)
        if (strncmp(kind, kind_names[i], strlen(kind_names[i])) == 0)
            return i + 1;
    return 0;
}

/* A last line may still be in the writing: what does not parse is no needle. */
static bool add_line(struct set *s, const char *line)
{
    json_t *o = json_loads(line, 0, NULL);
    uint8_t kind = kind_of(json_string_value(json_object_get(o, "kind")));
    const char *hex = json_string_value(json_object_get(o, "hex"));
    struct ic_buf bytes;
    ic_buf_init(&bytes, NEEDLE_MAX);
    bool ok = true;
    if (kind && hex && ic_hex_decode(ic_view_cstr(hex), &bytes) == IC_OK) {
        ok = add(s, kind, ic_buf_view(&bytes));
        s->needles++;
    }
    ic_buf_clear(&bytes);
    json_decref(o);
    return ok;
}

static bool add_file(struct set *s, const char *path)
{
    FILE *f = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    bool ok = f != NULL;
    while (ok && getline(&line, &room, f) > 0)
        ok = add_line(s, line);
    free(line);
    if (f)
        fclose(f);
    if (!ok)
        perror(path);
    return ok;
}

static void search(const struct set *s, const char *path, const uint8_t *p, size_t len,
                   struct tally *t)
{
    for (size_t at = 0; at + WINDOW <= len; at++) {
        uint64_t bit = mix(half(p + at)) >> (64 - FILTER_BITS);
        if (!(s->filter[bit / 64] >> (bit % 64) & 1))
            continue;
        const struct window *w = &s->place[place_of(s, p + at)];
        if (!w->kind)
            continue;
        t->hits[w->kind - 1]++;
        if (!t->first[0])
            snprintf(t->first, sizeof t->first, "%s of needle %u at byte %zu of %.200s",
                     kind_names[w->kind - 1], w->needle, at, path);
    }
}

static bool search_file(const struct set *s, const char *path, struct tally *t)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        perror(path);
        return false;
    }
    bool ok = true;
    if (S_ISREG(st.st_mode) && st.st_size > 0) {
        size_t len = (size_t)st.st_size;
        void *p = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
        ok = p != MAP_FAILED;
        if (ok) {
            search(s, path, p, len, t);
            t->bytes += len;
            munmap(p, len);
        }
    }
    close(fd);
    return ok;
}

/* nftw has no argument of its own. */
static const struct set *walk_set;
static struct tally *walk_tally;

static int visit(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)at;
    /* A journal may go while we look: what is gone holds nothing. */
    if (type == FTW_F && access(path, F_OK) == 0)
        return search_file(walk_set, path, walk_tally) ? 0 : 1;
    return 0;
}

static void print(const struct set *s, const struct tally *t)
{
    json_t *hits = json_object();
    for (size_t i = 0; i < KINDS; i++)
        json_object_set_new(hits, kind_names[i], json_integer((json_int_t)t->hits[i]));
    json_t *o =
        json_pack("{s:s, s:I, s:I, s:o, s:s}", "name", t->name, "bytes", (json_int_t)t->bytes,
                  "windows", (json_int_t)s->count, "hits", hits, "first", t->first);
    json_dumpf(o, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(o);
}

/* Splits NAME=PATH in place and finds the tally of that name. */
static struct tally *tally_of(char *arg, struct tally *list, size_t *count, const char **path)
{
    char *equals = strchr(arg, '=');
    if (!equals)
        return NULL;
    *equals = 0;
    *path = equals + 1;
    size_t i = 0;
    while (i < *count && strcmp(list[i].name, arg) != 0)
        i++;
    if (i == *count)
        list[(*count)++].name = arg;
    return &list[i];
}

int main(int argc, char **argv)
{
    struct set s = {.filter = ic_new_array((1u << FILTER_BITS) / 64, uint64_t)};
    struct tally *tallies = ic_new_array((size_t)argc, struct tally);
    size_t count = 0;
    bool ok = s.filter && tallies && grow(&s);
    int i = 1;
    for (; ok && i < argc && strcmp(argv[i], "--") != 0; i++)
        ok = add_file(&s, argv[i]);
    for (i++; ok && i < argc; i++) {
        const char *path;
        struct tally *t = tally_of(argv[i], tallies, &count, &path);
        walk_set = &s;
        walk_tally = t;
        ok = t && nftw(path, visit, 16, FTW_PHYS) == 0;
        if (!ok)
            fprintf(stderr, "ic-scan: cannot search %s\n", argv[i]);
    }
    for (size_t k = 0; ok && k < count; k++)
        print(&s, &tallies[k]);
    ic_free(s.place);
    ic_free(s.filter);
    ic_free(tallies);
    return ok ? 0 : 2;
}
