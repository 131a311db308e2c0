/* ic-trykeys FRAMES SELECTION SUITE EXPORT...
 *
 * Tries to open captured frames with every secret that somebody ever held. FRAMES is from ic-tapframes,
 * SELECTION a file with the numbers of the frames to try, one a line, SUITE the SFrame suite, EXPORT what
 * `incamera join --test-export` wrote: every line whose kind begins with "secret" is a key to try. Each
 * secret is taken as the base key of the frame's own KID (RFC 9605 section 5.2), in its whole length and
 * cut to the suite's. One JSON object:
 *
 *     {"keys": 30, "tried": 500, "attempts": 30000, "decrypted": 0}
 *
 * tried counts frames; an opened frame is not tried further.
 */
#include <ic/base/mem.h>
#include <ic/base/text.h>
#include <ic/sframe/stream.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_MAX = 4096, KEY_MAX = 256, FRAME_MAX = 1 << 20 };

struct key {
    uint8_t bytes[KEY_MAX];
    size_t len;
};

struct work {
    uint16_t suite;
    size_t key_len;
    struct key *keys;
    size_t key_count, last; /* last: the key that opened the frame before */
    uint64_t tried, attempts, decrypted;
    uint8_t *frame, *plain;
};

static bool add_key(struct work *w, struct ic_view bytes)
{
    for (size_t i = 0; i < w->key_count; i++)
        if (ic_view_equal(ic_view(w->keys[i].bytes, w->keys[i].len), bytes))
            return true;
    if (w->key_count == KEYS_MAX || bytes.len == 0 || bytes.len > KEY_MAX)
        return false;
    struct key *k = &w->keys[w->key_count++];
    memcpy(k->bytes, bytes.p, bytes.len);
    k->len = bytes.len;
    return true;
}

static bool add_line(struct work *w, const char *line)
{
    json_t *o = json_loads(line, 0, NULL);
    const char *kind = json_string_value(json_object_get(o, "kind"));
    const char *hex = json_string_value(json_object_get(o, "hex"));
    struct ic_buf bytes;
    ic_buf_init(&bytes, KEY_MAX);
    bool ok = true;
    if (kind && hex && strncmp(kind, "secret", 6) == 0) {
        ok = ic_hex_decode(ic_view_cstr(hex), &bytes) == IC_OK && add_key(w, ic_buf_view(&bytes));
        if (ok && bytes.len > w->key_len)
            ok = add_key(w, ic_view(bytes.p, w->key_len));
    }
    ic_buf_clear(&bytes);
    json_decref(o);
    return ok;
}

static bool add_file(struct work *w, const char *path)
{
    FILE *f = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    bool ok = f != NULL;
    while (ok && getline(&line, &room, f) > 0)
        ok = add_line(w, line);
    free(line);
    if (f)
        fclose(f);
    return ok;
}

static bool opens(struct work *w, size_t key, struct ic_view frame)
{
    size_t len;
    w->attempts++;
    return ic_sframe_open_once(w->suite, ic_view(w->keys[key].bytes, w->keys[key].len),
                               (struct ic_view){0}, frame, w->plain, &len) == IC_OK;
}

static void try_frame(struct work *w, struct ic_view frame)
{
    w->tried++;
    bool open = w->last < w->key_count && opens(w, w->last, frame);
    for (size_t i = 0; !open && i < w->key_count; i++) {
        if (i != w->last && opens(w, i, frame)) {
            w->last = i;
            open = true;
        }
    }
    w->decrypted += open;
}

/* Both files go forward together: the numbers are in ascending order. */
static bool try_selected(struct work *w, FILE *frames, FILE *selection)
{
    uint64_t want, at = 0;
    while (fscanf(selection, "%" SCNu64, &want) == 1) {
        for (;; at++) {
            uint8_t head[4];
            if (want < at || fread(head, 1, sizeof head, frames) != sizeof head)
                return false;
            size_t len = ic_load_u32(head);
            if (len > FRAME_MAX || fread(w->frame, 1, len, frames) != len)
                return false;
            if (at == want) {
                try_frame(w, ic_view(w->frame, len));
                at++;
                break;
            }
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    struct work w = {.suite = argc > 4 ? (uint16_t)atoi(argv[3]) : 0, .last = SIZE_MAX};
    const struct ic_sframe_suite *suite = ic_sframe_suite_find(w.suite);
    FILE *frames = suite ? fopen(argv[1], "rbe") : NULL;
    FILE *selection = frames ? fopen(argv[2], "re") : NULL;
    w.keys = ic_new_array(KEYS_MAX, struct key);
    w.frame = ic_calloc(1, FRAME_MAX);
    w.plain = ic_calloc(1, FRAME_MAX);
    bool ok = selection && w.keys && w.frame && w.plain;
    w.key_len = suite ? suite->key_len : 0;
    for (int i = 4; ok && i < argc; i++)
        ok = add_file(&w, argv[i]);
    ok = ok && try_selected(&w, frames, selection);
    if (ok)
        printf("{\"keys\":%zu,\"tried\":%" PRIu64 ",\"attempts\":%" PRIu64 ",\"decrypted\":%" PRIu64
               "}\n",
               w.key_count, w.tried, w.attempts, w.decrypted);
    else
        fputs("usage: ic-trykeys FRAMES SELECTION SUITE EXPORT...\n", stderr);
    if (frames)
        fclose(frames);
    if (selection)
        fclose(selection);
    ic_free_secret(w.keys, KEYS_MAX * sizeof(struct key));
    ic_free(w.frame);
    ic_free(w.plain);
    return ok ? 0 : 2;
}
