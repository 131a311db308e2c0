/* One who joins, given anything: the first byte says whether the rest is a Welcome from the wire, the
 * secrets or the GroupInfo inside one that is sealed well, or the tree beside a genuine one. */
#include "../src/member/sealing.h"
#include "live_group.h"

#include <ic/crypto/aead.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t joiner[32] = {7};

static ic_err seal_info(const struct ic_suite *s, struct ic_view info, struct ic_buf *out)
{
    struct ic_secret secret, zero, member, key;
    uint8_t nonce[IC_AEAD_NONCE_LEN];
    uint8_t *p;
    IC_TRY(ic_secret_set(&secret, IC_VIEW_ARRAY(joiner)));
    ic_mls_zero_secret(s, &zero);
    ic_mls_member_secret(s, &secret, &zero, &member);
    IC_TRY(ic_mls_welcome_key(s, &member, &key, nonce));
    IC_TRY(ic_buf_extend(out, info.len + IC_AEAD_TAG_LEN, &p));
    return ic_aead_seal_once(s->aead, ic_secret_view(&key), IC_VIEW_ARRAY(nonce), ic_view(NULL, 0),
                             info, p);
}

/* A Welcome for the newcomer around any secrets and any GroupInfo. */
static ic_err welcome_around(struct live *l, struct ic_view secrets, struct ic_view info,
                             struct ic_buf *out)
{
    const struct ic_suite *s = l->ids[2].suite;
    struct ic_hpke_info hpke;
    IC_BUF_SCOPE(sealed, 1 << 20);
    IC_TRY(seal_info(s, info, &sealed));
    IC_TRY(ic_mls_sealing_info(s, "Welcome", ic_buf_view(&sealed), &hpke));
    struct ic_writer w = ic_writer(out);
    ic_write_u16(&w, IC_MLS_VERSION_1);
    ic_write_u16(&w, IC_MLS_WELCOME);
    ic_write_u16(&w, s->id);
    size_t mark = ic_write_open(&w);
    ic_write_vec(&w, ic_mls_key_package_ref(l->newcomer));
    IC_TRY(
        ic_mls_seal_write(s, &hpke, l->newcomer->package.init_key, secrets, &l->config.rand, &w));
    ic_write_close(&w, mark);
    ic_write_vec(&w, ic_buf_view(&sealed));
    return ic_writer_end(&w);
}

static ic_err plain_secrets(struct ic_buf *out)
{
    const struct ic_mls_group_secrets secrets = {.joiner = IC_VIEW_ARRAY(joiner)};
    struct ic_writer w = ic_writer(out);
    ic_mls_group_secrets_write(&w, &secrets);
    return ic_writer_end(&w);
}

static ic_err welcome_of(struct live *l, uint8_t mode, struct ic_view rest, struct ic_buf *out)
{
    IC_BUF_SCOPE(secrets, 4096);
    IC_TRY(plain_secrets(&secrets));
    switch (mode % 4) {
    case 1:
        return welcome_around(l, rest, ic_view(NULL, 0), out);
    case 2:
        return welcome_around(l, ic_buf_view(&secrets), rest, out);
    case 3:
        return ic_buf_append(out, ic_mls_staged_welcome(l->welcoming));
    default:
        return ic_buf_append(out, rest);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct live l;
    static bool open;
    if (size < 1 || size > 65536)
        return 0;
    if (!open)
        live_open(&l);
    open = true;
    struct ic_mls_group *g;
    struct ic_view rest = ic_view(data + 1, size - 1);
    struct ic_view tree = data[0] % 4 == 3 ? rest : ic_buf_view(&l.tree);
    IC_BUF_SCOPE(welcome, 1 << 20);
    if (welcome_of(&l, data[0], rest, &welcome) != IC_OK)
        abort();
    if (ic_mls_group_join(&l.config, &l.ids[2], l.newcomer, ic_buf_view(&welcome), tree, &g) ==
        IC_OK)
        ic_mls_group_free(g);
    return 0;
}
