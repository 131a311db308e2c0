// Every installed header in one C++ program, and a group made by it.
#include "all-headers.h"
#include <cstdio>

static ic_err run()
{
    struct ic_mls_config config = {};
    config.rand = ic_os_rand();
    config.clock = ic_os_clock();
    struct ic_sign_key *key = nullptr;
    IC_TRY(ic_sign_key_generate(IC_ED25519, &config.rand, &key));
    struct ic_mls_identity me = {};
    me.suite = ic_suite_find(1);
    me.signer = key;
    me.credential.type = IC_MLS_BASIC;
    me.credential.identity = IC_VIEW_STR("ana");
    struct ic_mls_group *g = nullptr;
    IC_TRY(ic_mls_group_create(&config, &me, IC_VIEW_STR("group"), IC_VIEW_STR(""), &g));
    IC_BUF_SCOPE(info, 65536);
    IC_SECRET_SCOPE(nothing);
    IC_TRY(ic_mls_group_info(g, true, &info));
    bool one = ic_mls_member_count(g) == 1 && info.len > 0 && nothing.len == 0;
    ic_mls_group_free(g);
    ic_sign_key_free(key);
    return one && ic_version_number() == IC_VERSION_NUMBER ? IC_OK : IC_ERR_STATE;
}

int main()
{
    ic_err e = run();
    std::puts(e == IC_OK ? "ok" : ic_err_text(e));
    return e == IC_OK ? 0 : 1;
}
