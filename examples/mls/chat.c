/* A chat of two, end-to-end encrypted: `./chat ana` here, `./chat ben` in another terminal,
 * in the same folder. Whoever comes first makes the group and adds the other one. */
#include <err.h>
#include <ic/mls/group.h>
#include <ic/os/os.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const struct ic_view none;
static struct ic_mlspub_fault fault = {"", 0}; /* the rule that a failed call met */

static void must(ic_err e)
{
    if (e != IC_OK)
        errx(1, "%s. %s", ic_err_text(e), fault.rule);
}

/* A line from the keyboard, or a message from the socket, which keeps them whole. */
static struct ic_view get(int from)
{
    static uint8_t bytes[65536];
    ssize_t n = read(from, bytes, sizeof bytes);
    if (n <= 0)
        errx(0, "the end");
    return ic_view(bytes, (size_t)n);
}

int main(int argc, char **argv)
{
    struct ic_mls_config c = {.rand = ic_os_rand(), .clock = ic_os_clock(), .fault = &fault};
    struct ic_mlspub_credential name = {IC_MLS_BASIC, ic_view_cstr(argv[argc - 1])};
    struct ic_sign_key *key;
    must(ic_sign_key_generate(IC_ED25519, &c.rand, &key));
    struct ic_mls_identity me = {.suite = ic_suite_find(1), .signer = key, .credential = name};
    struct ic_mls_group *g;
    struct sockaddr_un at = {AF_UNIX, "chat.socket"};
    int peer = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    if (connect(peer, (struct sockaddr *)&at, sizeof at) == 0) { /* somebody waits: join */
        struct ic_mls_key_package *k;
        must(ic_mls_key_package_new(&c, &me, none, &k));
        struct ic_view hello = ic_mls_key_package_message(k);
        send(peer, hello.p, hello.len, 0);
        must(ic_mls_group_join(&c, &me, k, get(peer), none, &g));
        ic_mls_key_package_free(k);
    } else { /* nobody: wait for somebody, and add them */
        unlink(at.sun_path);
        if (bind(peer, (struct sockaddr *)&at, sizeof at) != 0 || listen(peer, 1) != 0)
            err(1, "cannot wait for the other one");
        peer = accept(peer, NULL, NULL);
        struct ic_view key_package = get(peer);
        struct ic_mls_commit_params add = {.adds = &key_package, .add_count = 1};
        struct ic_mls_staged *s;
        must(ic_mls_group_create(&c, &me, IC_VIEW_STR("chat"), none, &g));
        must(ic_mls_commit_create(g, &add, &s));
        struct ic_view welcome = ic_mls_staged_welcome(s);
        send(peer, welcome.p, welcome.len, 0);
        must(ic_mls_merge(g, s));
    }
    struct pollfd on[] = {{peer, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    while (poll(on, 2, -1) > 0) {
        if (on[0].revents) { /* a message: from whom, and what */
            struct ic_mls_received r;
            struct ic_mlspub_leaf_node who;
            must(ic_mls_process(g, get(peer), &r));
            must(ic_mls_leaf(g, r.sender.index, &who));
            printf("%.*s: %.*s", (int)who.credential.identity.len, who.credential.identity.p,
                   (int)r.application.len, r.application.p);
            ic_mls_received_clear(&r);
        }
        if (on[1].revents) {
            IC_BUF_SCOPE(sealed, 65536);
            must(ic_mls_protect(g, get(STDIN_FILENO), none, &sealed));
            send(peer, sealed.p, sealed.len, 0);
        }
    }
}
