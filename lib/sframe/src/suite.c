#include <ic/base/mem.h>
#include <ic/sframe/suite.h>

#define CTR_SUITE(number, bits, sha, hash_len, tag_bits)                                           \
    {                                                                                              \
        .id = (number), .name = "AES_" #bits "_CTR_HMAC_SHA" #sha "_" #tag_bits,                   \
        .hash = IC_SHA##sha, .cipher_len = (bits) / 8, .key_len = (bits) / 8 + (hash_len),         \
        .tag_len = (tag_bits) / 8                                                                  \
    }

/* RFC 9605 section 4.5, table 1; 6 to 8 as the working group's vectors number them. */
static const struct ic_sframe_suite suites[] = {
    CTR_SUITE(1, 128, 256, 32, 80),
    CTR_SUITE(2, 128, 256, 32, 64),
    CTR_SUITE(3, 128, 256, 32, 32),
    {4, "AES_128_GCM_SHA256_128", IC_SHA256, IC_AES_128_GCM, 0, 16, 16},
    {5, "AES_256_GCM_SHA512_128", IC_SHA512, IC_AES_256_GCM, 0, 32, 16},
    CTR_SUITE(6, 256, 512, 64, 80),
    CTR_SUITE(7, 256, 512, 64, 64),
    CTR_SUITE(8, 256, 512, 64, 32),
};

const struct ic_sframe_suite *ic_sframe_suite_find(uint16_t id)
{
    return id >= 1 && id <= IC_ARRAY_LEN(suites) ? &suites[id - 1] : NULL;
}
