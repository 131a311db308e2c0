#include "identity/profile.h"

#include <ic/base/test.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TEST(profile_files_are_for_their_owner_alone)
{
    char home[] = "/tmp/icc-profile-XXXXXX", path[ICC_PROFILE_PATH], folder[64];
    struct stat st;
    CHECK(mkdtemp(home) != NULL);
    snprintf(folder, sizeof folder, "%s/a/b", home);
    setenv("INCAMERA_HOME", folder, 1);
    IC_BUF_SCOPE(text, 64);
    CHECK_ERR(icc_profile_read("x", &text), IC_ERR_NOT_FOUND);
    CHECK(!icc_profile_has("x"));
    CHECK_OK(icc_profile_write("x", IC_VIEW_STR("one")));
    CHECK_OK(icc_profile_write("x", IC_VIEW_STR("two")));
    CHECK_OK(icc_profile_read("x", &text));
    CHECK_BYTES(ic_buf_view(&text), IC_VIEW_STR("two"));
    CHECK_OK(icc_profile_path("x", path));
    CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
    CHECK(stat(folder, &st) == 0 && (st.st_mode & 0777) == 0700);
    CHECK_ERR(icc_profile_read("x", &(struct ic_buf){.max = 2}), IC_ERR_LIMIT);
    CHECK_OK(icc_profile_remove("x"));
    CHECK_OK(icc_profile_remove("x"));
    CHECK(rmdir(folder) == 0); /* nothing is left behind */
    unsetenv("INCAMERA_HOME");
}

TEST(profile_that_cannot_be_made_is_an_error)
{
    char path[ICC_PROFILE_PATH];
    setenv("INCAMERA_HOME", "/dev/null/profile", 1);
    CHECK_ERR(icc_profile_path("", path), IC_ERR_IO);
    CHECK_ERR(icc_profile_write("x", IC_VIEW_STR("one")), IC_ERR_IO);
    unsetenv("INCAMERA_HOME");
}
