/* The tree that implementations of RFC 6962 have tested themselves with since the first one: its eight entries, all
 * roots, and proofs. */
#include "plain.h"

#include <ic/base/test.h>
#include <ic/base/text.h>

static const char *const entries[] = {"",
                                      "00",
                                      "10",
                                      "2021",
                                      "3031",
                                      "40414243",
                                      "5051525354555657",
                                      "606162636465666768696a6b6c6d6e6f"};
static const char *const roots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

static void grow(struct plain *t, const char *hex)
{
    IC_BUF_SCOPE(b, 64);
    CHECK_OK(ic_hex_decode(ic_view_cstr(hex), &b));
    plain_add(t, ic_buf_view(&b));
}

static struct plain *well_known(void)
{
    struct plain *t = plain_new(8);
    for (size_t i = 0; i < 8; i++)
        grow(t, entries[i]);
    return t;
}

TEST(merkle_roots_of_the_well_known_tree)
{
    struct plain *t = plain_new(8);
    for (size_t i = 0; i <= 8; i++) {
        struct ic_merkle_hash root;
        ic_merkle_edge_root(&t->edge, &root);
        CHECK_HEX(ic_merkle_hash_view(&root), roots[i]);
        if (i < 8)
            grow(t, entries[i]);
    }
    plain_free(t);
}

static void holds(const struct ic_merkle_path *p, const char *const *want, size_t n)
{
    CHECK_EQ_INT(p->count, n);
    for (size_t i = 0; i < n; i++)
        CHECK_HEX(ic_merkle_hash_view(&p->hash[i]), want[i]);
}

#define A "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
#define B "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
#define C "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
#define D "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
#define E "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
#define F "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
#define G "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"

TEST(merkle_inclusion_of_the_well_known_tree)
{
    static const struct {
        uint64_t index, size;
        size_t n;
        const char *path[3];
    } cases[] = {
        {0, 1, 0, {0}},
        {0, 8, 3, {A, B, C}},
        {5, 8, 3, {D, E, F}},
        {2, 3, 1, {"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}},
        {1, 5, 3, {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", B, D}},
    };
    struct plain *t = well_known();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ic_merkle_path p;
        CHECK_OK(ic_merkle_inclusion(&t->nodes, cases[i].index, cases[i].size, &p));
        holds(&p, cases[i].path, cases[i].n);
        if (ic_test_failed())
            return;
    }
    plain_free(t);
}

TEST(merkle_consistency_of_the_well_known_tree)
{
    static const struct {
        uint64_t first, second;
        size_t n;
        const char *path[3];
    } cases[] = {
        {1, 1, 0, {0}},
        {1, 8, 3, {A, B, C}},
        {6, 8, 3, {G, E, F}},
        {2, 5, 2, {B, D}},
    };
    struct plain *t = well_known();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ic_merkle_path p;
        CHECK_OK(ic_merkle_consistency(&t->nodes, cases[i].first, cases[i].second, &p));
        holds(&p, cases[i].path, cases[i].n);
        if (ic_test_failed())
            return;
    }
    plain_free(t);
}
