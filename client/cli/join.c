/* incamera join URL */
#include "args.h"
#include "base/clock.h"
#include "command.h"
#include "control/share.h"
#include "keys/certificates.h"
#include "keys/identity.h"
#include "keys/lists.h"
#include "media/source.h"
#include "room.h"

#ifdef IC_TEST_HOOKS
#include "testhook/testhook.h"
#endif

#include <errno.h>
#include <ic/base/mem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct icc_option options[] = {
    {"--name", true, "NAME  what the others read; your login name otherwise"},
    {"--audio", true, "SOURCE  a file (WAV, Ogg, WebM), mic, test:tone:440, or none"},
    {"--video", true, "SOURCE  a file (WebM, Y4M), camera, test:ball, or none"},
    {"--screen", true, "SOURCE  shared as your screen: x11, x11:DISPLAY, a file, or none"},
    {"--view-only", false, "nobody can be given control of the shared screen"},
    {"--loop", false, "files begin again at their end"},
    {"--record", true, "DIR  each participant into a WebM file there"},
    {"--no-play", false, "do not play what is heard"},
    {"--size", true, "WxH  of the picture sent; 640x360 otherwise"},
    {"--fps", true, "N  pictures a second; 25 otherwise"},
    {"--identity", true, "FILE  the device's key; made where there is none"},
    {"--certificate", true,
     "FILE  PEM: who you are, by somebody else's word; for the key of --identity"},
    {"--external-roots", true, "FILE  PEM: authorities that you trust outside your organisation"},
    {"--internal-roots", true, "FILE  PEM: your organisation's own"},
    {"--crl", true,
     "FILE  revoked certificates of those authorities, PEM or DER; read again when it changes"},
    {"--rotate", true, "MINUTES  new keys for all at least so often; 60 otherwise, 0: never"},
    {"--json", false, "events and commands as JSON lines (docs/events.md)"},
    {"--stats", true, "N  every N seconds a line of statistics, with --json"},
    {"--help", false, "this text"},
#ifdef IC_TEST_HOOKS
    {"--test-export", true, "FILE  test build: secrets, frames and chat lines, for the search"},
    {"--test-plain", false, "test build: frames are sent without encryption"},
#endif
};

static int help(int status)
{
    puts(
        "incamera join URL [options]\n\n"
        "Enters a meeting by its link, or by its number as https://HOST/m/NUMBER. In a terminal it shows the "
        "room:\n? tells the keys.\n");
    icc_args_help(options, IC_ARRAY_LEN(options));
    return status;
}

static const char *source_of(const struct icc_args *a, const char *name)
{
    const char *s = icc_args_get(a, name);
    return s && strcmp(s, "none") == 0 ? NULL : s;
}

/* What is wrong with files and folders is said before anybody is met. */
static bool check_media(const struct icc_engine_config *m)
{
    char why[300];
    if ((m->screen && icc_source_check(m->screen, true, why, sizeof why) != IC_OK) ||
        (m->audio && icc_source_check(m->audio, false, why, sizeof why) != IC_OK) ||
        (m->video && icc_source_check(m->video, true, why, sizeof why) != IC_OK)) {
        fprintf(stderr, "incamera: %s\n", why);
        return false;
    }
    if (m->record_dir && ((mkdir(m->record_dir, 0700) != 0 && errno != EEXIST) ||
                          access(m->record_dir, W_OK | X_OK) != 0)) {
        fprintf(stderr, "incamera: no recordings in %s: %s\n", m->record_dir, strerror(errno));
        return false;
    }
    return true;
}

/* In the screen's own shape, so that a point of the picture is a point of the screen; at most 1280 wide. */
static void read_screen(struct icc_engine_config *m)
{
    struct icc_x11 *x = NULL;
    char why[120];
    int w = 1280, h = 720;
    if (m->screen && strncmp(m->screen, "x11", 3) == 0 &&
        icc_x11_open(icc_share_display(m->screen), &x, why, sizeof why) == IC_OK) {
        icc_x11_size(x, &w, &h);
        icc_x11_close(x);
    }
    if (w > 1280) {
        h = (int)((long)h * 1280 / w);
        w = 1280;
    }
    m->screen_width = w < 64 ? 64 : w & ~1;
    m->screen_height = h < 64 ? 64 : h & ~1;
    m->screen_fps = 12;
    m->screen_bits = 1500000;
}

static bool read_media(const struct icc_args *a, struct icc_room_config *c)
{
    long fps = 25, stats = 0, rotate = 60;
    int w = 640, h = 360, end = 0;
    const char *size = icc_args_get(a, "--size");
    if (size && (sscanf(size, "%dx%d%n", &w, &h, &end) != 2 || size[end] || w < 32 || w > 3840 ||
                 h < 32 || h > 2160 || w % 2 || h % 2)) {
        fprintf(stderr, "incamera: --size wants even numbers like 640x360, at most 3840x2160\n");
        return false;
    }
    if (!icc_args_number(a, "--fps", 1, 60, &fps) ||
        !icc_args_number(a, "--stats", 1, 3600, &stats) ||
        !icc_args_number(a, "--rotate", 0, 24 * 60, &rotate))
        return false;
    c->stats_every_ms = (uint64_t)stats * 1000;
    c->rotate_ms = (uint64_t)rotate * 60 * 1000;
    c->media = (struct icc_engine_config){.audio = source_of(a, "--audio"),
                                          .video = source_of(a, "--video"),
                                          .screen = source_of(a, "--screen"),
                                          .loop = icc_args_has(a, "--loop"),
                                          .play = !icc_args_has(a, "--no-play"),
                                          .record_dir = icc_args_get(a, "--record"),
                                          .width = w,
                                          .height = h,
                                          .fps = (int)fps,
                                          .video_bits = w * h * (int)fps / 12,
                                          .audio_bits = 48000};
    if (c->media.video_bits < 100000)
        c->media.video_bits = 100000;
    c->view_only = icc_args_has(a, "--view-only");
    read_screen(&c->media);
    return true;
}

/* Who is trusted no longer is known before anybody is met. */
static bool read_lists(const struct icc_args *a, struct icc_room_config *c)
{
    char why[300];
    bool changed;
    if (c->profile &&
        icc_lists_recall(c->certificates, icc_now_ms() / 1000, why, sizeof why) != IC_OK) {
        fprintf(stderr, "incamera: %s\n",
                why); /* going on would take an older list for the newest */
        return false;
    }
    c->crl = icc_args_get(a, "--crl");
    if (!c->crl || icc_lists_read(c->crl, c->certificates, icc_now_ms() / 1000, &changed, why,
                                  sizeof why) == IC_OK)
        return true;
    fprintf(stderr, "incamera: %s\n", why);
    return false;
}

static const char *default_name(void)
{
    const char *n = getenv("LOGNAME");
    return n && n[0] ? n : "Somebody";
}

int icc_command_join(int argc, char **argv)
{
    struct icc_args a;
    struct icc_room_config c = {0};
    struct icc_identity id = {0};
    struct icc_certificates certificates = {0};
    char why[400];
    if (!icc_args_parse(&a, options, IC_ARRAY_LEN(options), argc, argv))
        return 2;
    if (icc_args_has(&a, "--help"))
        return help(0);
    if (a.free_count != 1)
        return help(2);
    ic_err e = ic_meeting_url_parse(ic_view_cstr(a.free[0]), &c.url);
    if (e != IC_OK) {
        fprintf(stderr, "incamera: that is no link to a meeting: %s\n",
                e == IC_ERR_DENIED ? "plain http is for localhost alone"
                                   : "it looks like https://HOST/m/ID#k=...&s=..., or "
                                     "https://HOST/m/NUMBER; put it in quotes");
        return 2;
    }
    if (!read_media(&a, &c) || !check_media(&c.media))
        return 2;
    c.name = icc_args_get(&a, "--name") ? icc_args_get(&a, "--name") : default_name();
    if (strlen(c.name) > IC_MEETING_NAME_MAX || !ic_view_is_text(ic_view_cstr(c.name)) ||
        !c.name[0]) {
        fprintf(stderr, "incamera: the name must be 1 to %d bytes of plain text\n",
                IC_MEETING_NAME_MAX);
        return 2;
    }
    if (icc_identity_load(icc_args_get(&a, "--identity"), 2, &id, why, sizeof why) != IC_OK) {
        fprintf(stderr, "incamera: %s\n", why);
        return 1;
    }
    /* Another key than the profile's is another device: nothing of the profile is for it. */
    const struct icc_certificate_paths paths = {
        icc_args_get(&a, "--certificate"), icc_args_get(&a, "--external-roots"),
        icc_args_get(&a, "--internal-roots"), !icc_args_has(&a, "--identity")};
    if (icc_certificates_load(&paths, id.key, &certificates, why, sizeof why) != IC_OK) {
        fprintf(stderr, "incamera: %s\n", why);
        icc_identity_clear(&id);
        return 1;
    }
    c.certificates = &certificates;
    c.profile = paths.profile;
#ifdef IC_TEST_HOOKS
    ic_testhook_start(icc_args_get(&a, "--test-export"), icc_args_has(&a, "--test-plain"));
#endif
    c.identity = id.key;
    c.suite = id.suite->id;
    c.json = icc_args_has(&a, "--json");
    int status = read_lists(&a, &c) ? icc_room_run(&c) : 1;
    icc_identity_clear(&id);
    icc_certificates_clear(&certificates);
#ifdef IC_TEST_HOOKS
    ic_testhook_stop();
#endif
    return status;
}
