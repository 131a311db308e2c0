/* Ben joins by himself, with nothing but a GroupInfo that Ana published (RFC 9420 section 12.4.3.2).
 * Given a folder, it leaves there what a delivery service saw: observer.c reads it. */
#include "people.h"

static void write_file(const char *folder, const char *name, struct ic_view v)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    expect(f && fwrite(v.p, 1, v.len, f) == v.len && fclose(f) == 0, path);
}

int main(int argc, char **argv)
{
    struct person ana, ben;
    person_init(&ana, "ana");
    person_init(&ben, "ben");
    create(&ana);

    IC_BUF_SCOPE(group_info, 65536);
    must(ic_mls_group_info(ana.g, true, &group_info)); /* with the tree inside */

    /* His group stands in the new epoch at once: he frees it if the commit is not accepted. */
    const struct ic_mls_external_join join = {.group_info = ic_buf_view(&group_info)};
    IC_BUF_SCOPE(commit, 65536);
    must(ic_mls_group_join_external(&ben.config, &ben.id, &join, &ben.g, &commit, NULL));

    if (argc > 1) {
        write_file(argv[1], "group_info", ic_buf_view(&group_info));
        write_file(argv[1], "commit", ic_buf_view(&commit));
    }

    /* Ana decides whether she wants him: a commit by a new member, whose leaf is the path's. */
    struct ic_mls_received r;
    must(ic_mls_process(ana.g, ic_buf_view(&commit), &r));
    expect(r.sender.type == IC_MLS_SENDER_NEW_MEMBER_COMMIT, "somebody joins by himself");
    struct ic_view name = ic_mls_staged_path_leaf(r.staged)->credential.identity;
    expect(ic_view_equal(name, IC_VIEW_STR("ben")), "it is Ben");
    must(ic_mls_merge(ana.g, r.staged));
    r.staged = NULL;
    ic_mls_received_clear(&r);
    expect(agree(&ana, &ben), "both agree");
    person_clear(&ana);
    person_clear(&ben);
    puts("ok");
}
