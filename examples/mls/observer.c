/* A delivery service that holds no secret, yet lets no invalid commit pass. Only incamera-mls-public is
 * linked: it reads, from files, a GroupInfo with its tree and then messages, in the order they came. */
#include <ic/mlspub/observer.h>
#include <ic/os/os.h>
#include <stdio.h>

static ic_err read_file(const char *path, struct ic_buf *out)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return IC_ERR_NOT_FOUND;
    uint8_t part[4096];
    size_t n;
    ic_err e = IC_OK;
    while (e == IC_OK && (n = fread(part, 1, sizeof part, f)) > 0)
        e = ic_buf_append(out, ic_view(part, n));
    fclose(f);
    return e;
}

static ic_err judge(struct ic_mlspub_observer *o, struct ic_view message, uint64_t now_s)
{
    struct ic_mlspub_change *c;
    IC_TRY(ic_mlspub_observer_stage(o, message, now_s, &c));
    printf("%s by leaf %u, %zu proposals\n", ic_mlspub_change_is_commit(c) ? "commit" : "proposal",
           ic_mlspub_change_committer(c), ic_mlspub_change_count(c));
    ic_mlspub_observer_merge(o, c); /* first come, first served: it now opens the next epoch */
    return IC_OK;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: observer GROUP_INFO MESSAGE...\n");
        return 2;
    }
    struct ic_clock clock = ic_os_clock();
    struct ic_mlspub_fault why = IC_MLSPUB_FAULT_NONE;
    struct ic_mlspub_observer *o;
    IC_BUF_SCOPE(info, 1 << 24);
    ic_err e = read_file(argv[1], &info);
    if (e == IC_OK)
        e = ic_mlspub_observer_open(ic_buf_view(&info), ic_view(NULL, 0), ic_clock_now_s(&clock),
                                    &why, &o);
    if (e != IC_OK) {
        fprintf(stderr, "%s: %s. %s\n", argv[1], ic_err_text(e), why.rule);
        return 1;
    }
    for (int i = 2; i < argc && e == IC_OK; i++) {
        IC_BUF_SCOPE(message, 1 << 24);
        e = read_file(argv[i], &message);
        if (e == IC_OK)
            e = judge(o, ic_buf_view(&message), ic_clock_now_s(&clock));
        if (e != IC_OK)
            printf("%s: %s. %s\n", argv[i], ic_err_text(e), ic_mlspub_observer_rule(o));
    }
    printf("epoch %llu\n", (unsigned long long)ic_mlspub_observer_context(o)->epoch);
    ic_mlspub_observer_free(o);
    puts(e == IC_OK ? "ok" : "refused");
    return e != IC_OK;
}
