/* An identity file, as it may have been damaged: loaded whole, or refused with a sentence. */
#include "keys/identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    char path[40], why[300] = "";
    struct icc_identity id;
    if (fd < 0)
        fd = memfd_create("identity", MFD_CLOEXEC);
    if (fd < 0 || fchmod(fd, 0600) != 0 || ftruncate(fd, 0) != 0 ||
        pwrite(fd, data, size, 0) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (icc_identity_load(path, 2, &id, why, sizeof why) == IC_OK)
        icc_identity_clear(&id);
    else if (!why[0])
        abort();
    return 0;
}
