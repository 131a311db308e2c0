#include <ic/base/test.h>
#include <ic/base/version.h>
#include <stdio.h>

TEST(version_of_headers_library_and_project_are_one)
{
    CHECK_BYTES(ic_view_cstr(ic_version_text()), ic_view_cstr(IC_PROJECT_VERSION));
    CHECK(ic_version_number() == IC_VERSION_NUMBER);
    int major = 0, minor = 0, patch = 0;
    CHECK(sscanf(IC_VERSION_TEXT, "%d.%d.%d", &major, &minor, &patch) == 3);
    CHECK(IC_VERSION_NUMBER == major * 10000 + minor * 100 + patch);
}
