/* make-mls-state-seeds FOLDER: the seeds of the fuzzer mls_state. */
#include "state_scene.h"

#include <ic/mls/store.h>
#include <stdio.h>

static int put(const char *folder, const char *name, uint8_t mode, struct ic_view v)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    if (!f)
        return 1;
    size_t n = fwrite(&mode, 1, 1, f) + fwrite(v.p, 1, v.len, f);
    return fclose(f) != 0 || n != v.len + 1;
}

int main(int argc, char **argv)
{
    struct live l;
    IC_BUF_SCOPE(receiver, 1 << 20);
    IC_BUF_SCOPE(sender, 1 << 20);
    IC_BUF_SCOPE(package, 1 << 20);
    IC_BUF_SCOPE(staged, 1 << 20);
    if (argc != 2)
        return 2;
    state_scene_open(&l);
    const struct ic_mls_commit_params p = {.force_path = true};
    struct ic_mls_staged *s;
    if (ic_mls_commit_create(l.receiver, &p, &s) != IC_OK)
        return 1;
    int bad = ic_mls_state_encode(l.receiver, &receiver) != IC_OK ||
              ic_mls_state_encode(l.sender, &sender) != IC_OK ||
              ic_mls_key_package_encode(l.newcomer, &package) != IC_OK ||
              ic_mls_state_encode_staged(l.receiver, s, &staged) != IC_OK ||
              put(argv[1], "staged", 0, ic_buf_view(&staged)) ||
              put(argv[1], "staged-summed", 1, ic_buf_view(&staged)) ||
              put(argv[1], "receiver", 0, ic_buf_view(&receiver)) ||
              put(argv[1], "receiver-summed", 1, ic_buf_view(&receiver)) ||
              put(argv[1], "sender-summed", 1, ic_buf_view(&sender)) ||
              put(argv[1], "key-package", 2, ic_buf_view(&package));
    ic_mls_discard(s);
    live_close(&l);
    return bad;
}
