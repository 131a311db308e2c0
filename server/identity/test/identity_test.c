/* What all parts stand on: routes, answers, one transaction a turn. */
#include "identity/schema.h"
#include "identity/test/world.h"

#include <ic/base/test.h>
#include <string.h>

TEST(an_unknown_address_is_refused)
{
    struct world w;
    world_open(&w);
    CHECK_EQ_INT(world_call(&w, "GET", "/api/v1/identity/no-such-thing", "", ""), 404);
    CHECK(strcmp(world_text(&w, "error"), "not-found") == 0);
    CHECK(icd_identity_takes(IC_VIEW_STR("/acme/directory")));
    CHECK(!icd_identity_takes(IC_VIEW_STR("/api/v1/meetings")));
    world_close(&w);
}

TEST(no_route_is_there_twice)
{
    for (size_t p = 0; p < ICD_IDENTITY_PARTS; p++)
        for (size_t i = 0; i < icd_identity_parts[p]->route_count; i++) {
            const struct icd_id_route *a = &icd_identity_parts[p]->routes[i];
            size_t same = 0;
            CHECK(icd_identity_takes(ic_view_cstr(a->path)));
            for (size_t q = 0; q < ICD_IDENTITY_PARTS; q++)
                for (size_t k = 0; k < icd_identity_parts[q]->route_count; k++) {
                    const struct icd_id_route *b = &icd_identity_parts[q]->routes[k];
                    same += strcmp(a->path, b->path) == 0 && strcmp(a->method, b->method) == 0;
                }
            CHECK_EQ_INT(same, 1);
        }
}
