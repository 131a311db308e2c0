#include "keys/identity.h"

#include <ic/base/test.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/icc-id-XXXXXX";

static const char *fresh_path(const char *name)
{
    static char path[100];
    static bool made; /* the name may well have an X of its own */
    if (!made && !mkdtemp(dir))
        return NULL;
    made = true;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static void write_text(const char *path, const char *text, mode_t mode)
{
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
    chmod(path, mode);
}

TEST(identity_is_made_once_and_kept)
{
    const char *path = fresh_path("a");
    struct icc_identity one, two;
    struct stat st;
    char why[300];
    CHECK_OK(icc_identity_load(path, 2, &one, why, sizeof why));
    CHECK_EQ_INT(stat(path, &st), 0);
    CHECK_EQ_INT(st.st_mode & 0777, 0600);
    CHECK_OK(icc_identity_load(path, 1, &two, why, sizeof why)); /* the file's suite counts */
    CHECK_EQ_INT(two.suite->id, 2);
    CHECK_BYTES(ic_sign_key_public(one.key), ic_sign_key_public(two.key));
    icc_identity_clear(&one);
    icc_identity_clear(&two);
    unlink(path);
}

TEST(identity_that_others_may_read_is_refused)
{
    const char *path = fresh_path("b");
    struct icc_identity id = {0};
    char why[300] = "";
    CHECK_OK(icc_identity_load(path, 1, &id, why, sizeof why));
    icc_identity_clear(&id);
    chmod(path, 0640);
    CHECK_ERR(icc_identity_load(path, 1, &id, why, sizeof why), IC_ERR_DENIED);
    CHECK(strstr(why, "chmod 600") != NULL);
    CHECK(id.key == NULL);
    unlink(path);
}

TEST(identity_file_is_checked)
{
    static const char *const bad[] = {
        "",
        "x",
        "incamera-identity 1\n",
        "incamera-identity 2\nsuite 1\nprivate 00\n",
        "incamera-identity 1\nsuite 1\nprivate zz\n",
        "incamera-identity 1\nsuite 1\nprivate 0011\n",
        ("incamera-identity 1\nsuite 1\n"
         "private 9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60\nmore\n"),
    };
    const char *path = fresh_path("c");
    struct icc_identity id = {0};
    char why[300];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        write_text(path, bad[i], 0600);
        CHECK(icc_identity_load(path, 1, &id, why, sizeof why) != IC_OK);
        CHECK(id.key == NULL);
    }
    write_text(path, "incamera-identity 1\nsuite 99\nprivate 00\n", 0600);
    CHECK_ERR(icc_identity_load(path, 1, &id, why, sizeof why), IC_ERR_UNSUPPORTED);
    /* RFC 8032 section 7.1, test 1 */
    write_text(path,
               "incamera-identity 1\nsuite 1\n"
               "private 9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60\n",
               0600);
    CHECK_OK(icc_identity_load(path, 1, &id, why, sizeof why));
    CHECK_HEX(ic_sign_key_public(id.key),
              "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    icc_identity_clear(&id);
    unlink(path);
    rmdir(dir);
}
