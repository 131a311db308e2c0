/* Which library this is: at compile time by the macros, at run time by the functions.
 *
 *     if (ic_version_number() / 100 != IC_VERSION_NUMBER / 100)
 *         fail("compiled against %s, running with %s", IC_VERSION_TEXT, ic_version_text());
 *
 * While the major version is 0, a new minor version may change interface and layout, and the shared
 * libraries' soname carries both numbers, so the dynamic linker makes this comparison by itself.
 */
#ifndef IC_BASE_VERSION_H
#define IC_BASE_VERSION_H

#include <ic/base/api.h>

IC_API_BEGIN

#define IC_VERSION_TEXT "0.1.0"
#define IC_VERSION_NUMBER 100 /* major * 10000 + minor * 100 + patch */

/* IC_VERSION_NUMBER of the headers that the library was compiled with. */
int ic_version_number(void);
/* IC_VERSION_TEXT of the headers that the library was compiled with. Static text. */
const char *ic_version_text(void);

IC_API_END

#endif
