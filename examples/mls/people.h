/* What the examples share: people with a key and a name, all in one process. */
#ifndef EXAMPLE_PEOPLE_H
#define EXAMPLE_PEOPLE_H

#include <ic/mls/group.h>
#include <ic/os/os.h>
#include <stdio.h>
#include <stdlib.h>

static struct ic_mlspub_fault fault = {"", 0}; /* the rule that a failed create or join met */
static const struct ic_view none = {NULL, 0};

struct person {
    struct ic_mls_config config;
    struct ic_mls_identity id;
    struct ic_sign_key *key;
    struct ic_mls_group *g;
};

static inline void must(ic_err e)
{
    if (e == IC_OK)
        return;
    fprintf(stderr, "%s. %s\n", ic_err_text(e), fault.rule);
    exit(1);
}

/* What an example promises; it ends badly where that does not hold. */
static inline void expect(bool holds, const char *what)
{
    printf("%s %s\n", holds ? "+" : "NOT", what);
    if (!holds)
        exit(1);
}

static inline void person_init(struct person *p, const char *name)
{
    *p = (struct person){.config = {.rand = ic_os_rand(), .clock = ic_os_clock(), .fault = &fault}};
    must(ic_sign_key_generate(IC_ED25519, &p->config.rand, &p->key));
    p->id.suite = ic_suite_find(1);
    p->id.signer = p->key;
    p->id.credential.type = IC_MLS_BASIC;
    p->id.credential.identity = ic_view_cstr(name);
}

static inline void person_clear(struct person *p)
{
    ic_mls_group_free(p->g);
    ic_sign_key_free(p->key); /* after the group, which borrows it */
}

static inline void create(struct person *p)
{
    must(ic_mls_group_create(&p->config, &p->id, IC_VIEW_STR("example"), none, &p->g));
}

/* by adds who: nobody else is there who had to agree or to be told. */
static inline void add(struct person *by, struct person *who)
{
    struct ic_mls_key_package *k;
    struct ic_mls_staged *s;
    must(ic_mls_key_package_new(&who->config, &who->id, none, &k));
    struct ic_view key_package = ic_mls_key_package_message(k);
    struct ic_mls_commit_params p = {.adds = &key_package, .add_count = 1};
    must(ic_mls_commit_create(by->g, &p, &s));
    must(ic_mls_group_join(&who->config, &who->id, k, ic_mls_staged_welcome(s), none, &who->g));
    must(ic_mls_merge(by->g, s));
    ic_mls_key_package_free(k);
}

/* p receives a message that must be a commit, and merges it. */
static inline void follow(struct person *p, struct ic_view commit)
{
    struct ic_mls_received r;
    must(ic_mls_process(p->g, commit, &r));
    expect(r.kind == IC_MLS_RECEIVED_COMMIT, "a commit arrives");
    must(ic_mls_merge(p->g, r.staged));
    r.staged = NULL; /* merging has taken it */
    ic_mls_received_clear(&r);
}

/* Both are in one epoch and have the same secrets. */
static inline bool agree(const struct person *a, const struct person *b)
{
    return ic_view_equal(ic_mls_epoch_authenticator(a->g), ic_mls_epoch_authenticator(b->g));
}

#endif
