#include "samples.h"
#include <ic/base/mem.h>
#include <ic/wire/terms.h>

#define V(s) IC_VIEW_INIT(s)
#define H32 V("0123456789abcdef0123456789abcdef")
#define GROUP V("group-id-of-32-bytes------------")

static const struct ic_wire_frame samples[] = {
    {.type = IC_WIRE_HELLO, .request = 1, .hello = {3, V("incamera/0.1.0"), 1790000000000, 1}},
    {.type = IC_WIRE_HELLO_OK,
     .request = 1,
     .hello_ok = {2, V("incamerad/0.1.0"), 1790000000001, H32, 8 << 20, 20000}},
    {.type = IC_WIRE_ENTER,
     .request = 2,
     .enter = {IC_WIRE_REF_NUMBER, V("1234567890"), 2, V("key"), V("signature")}},
    {.type = IC_WIRE_ENTERED,
     .request = 2,
     .entered = {V("0123456789abcdef"), IC_WIRE_SCHEDULED, V("Stand-up \xc3\xa9"), V("1234567890"),
                 V("terms"), IC_WIRE_HOST, IC_WIRE_OPEN, GROUP, 7, 99, 1, 2, 1, V("sender")}},
    {.type = IC_WIRE_OK, .request = 9, .ok = {0x0102030405060708}},
    {.type = IC_WIRE_ERROR, .request = 9, .error = {IC_WIRE_E_STALE, V("another came first")}},
    {.type = IC_WIRE_DRAINING, .draining = {1500}},
    {.type = IC_WIRE_KNOCK, .request = 3, .knock = {V("key package"), V("proof")}},
    {.type = IC_WIRE_KNOCKED, .knocked = {4, V("key package"), V("")}},
    {.type = IC_WIRE_KNOCK_GONE, .knock_gone = {4, IC_WIRE_GONE_ADMITTED}},
    {.type = IC_WIRE_REFUSE, .request = 5, .refuse = {4, IC_WIRE_REFUSED_FULL}},
    {.type = IC_WIRE_REFUSED, .refused = {IC_WIRE_REFUSED_SUITE}},
    {.type = IC_WIRE_CREATE_GROUP, .request = 6, .create_group = {V("info"), V("tree"), V("who")}},
    {.type = IC_WIRE_COMMIT,
     .request = 7,
     .commit = {GROUP, 6, V("commit"), V("welcome"), V("info"), V("admission"), 1,
                V("\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2")}},
    {.type = IC_WIRE_PROPOSE, .request = 8, .propose = {GROUP, V("proposal")}},
    {.type = IC_WIRE_SEND, .request = 9, .send = {GROUP, V("message"), 1}},
    {.type = IC_WIRE_MESSAGE,
     .message = {77, GROUP, IC_WIRE_KIND_APPLICATION, 1790000000002, V("message")}},
    {.type = IC_WIRE_WELCOME, .welcome = {GROUP, 78, V("welcome"), H32, V("admission")}},
    {.type = IC_WIRE_GET_TREE, .request = 10, .get_tree = {GROUP, H32}},
    {.type = IC_WIRE_TREE, .request = 10, .tree = {V("tree")}},
    {.type = IC_WIRE_GET_GROUP_INFO, .request = 11, .get_group_info = {GROUP}},
    {.type = IC_WIRE_GROUP_INFO, .request = 11, .group_info = {V("info"), H32, 79, V("who")}},
    {.type = IC_WIRE_FETCH, .request = 12, .fetch = {GROUP, 70}},
    {.type = IC_WIRE_CANNOT_APPLY, .request = 13, .cannot_apply = {GROUP, 7, V("a rule")}},
    {.type = IC_WIRE_REPLACE, .replace = {GROUP, 7, 80, V("a rule")}},
    {.type = IC_WIRE_GROUP_OPEN, .group_open = {GROUP, 1}},
    {.type = IC_WIRE_PRESENCE, .presence = {3, IC_WIRE_HERE}},
    {.type = IC_WIRE_LEAVE, .request = 14},
    {.type = IC_WIRE_END, .request = 15},
    {.type = IC_WIRE_ENDED, .ended = {V("the host ended the meeting")}},
    {.type = IC_WIRE_MEDIA_OPEN,
     .request = 16,
     .media_open = {V("ufrag"), V("pwd"), H32, {{0, 1, 0, 11, 0}, {0, 2, 1, 12, 0}}, 2, 4, 25}},
    {.type = IC_WIRE_MEDIA_OPENED,
     .request = 16,
     .media_opened = {V("ufrag"),
                      V("pwd"),
                      H32,
                      {{V("192.0.2.1"), 40000}, {V("2001:db8::1"), 1}},
                      2,
                      {{1, 100, 0}, {2, 101, 5}},
                      2}},
    {.type = IC_WIRE_MEDIA_CLOSE, .request = 17},
    {.type = IC_WIRE_MEDIA_WANT, .request = 18, .media_want = {{1, 0, 5}, 3}},
    {.type = IC_WIRE_MEDIA_SOURCES, .media_sources = {0, 1, {{1, 1, 0, 0, 3}}, 1}},
    {.type = IC_WIRE_MEDIA_SLOTS, .media_slots = {{{1, 100, 1}, {3, 102, 0}}, 2}},
    {.type = IC_WIRE_MEDIA_PUBLISH,
     .request = 19,
     .media_publish = {{{IC_WIRE_AUDIO, IC_WIRE_OPUS, V("a"), {{V(""), 0, 0, 0}}, 1},
                        {IC_WIRE_VIDEO,
                         IC_WIRE_VP8,
                         V("v"),
                         {{V("l"), 0, 180, 1}, {V("m"), 0, 360, 3}, {V("h"), 77, 720, 4}},
                         3}},
                       2}},
    {.type = IC_WIRE_MEDIA_SELECT,
     .request = 20,
     .media_select = {{{5, 360}, {0, 0}, {0, IC_WIRE_HEIGHT_ANY}}, 3}},
    {.type = IC_WIRE_MEDIA_SPEAKER, .media_speaker = {5, 2}},
    {.type = IC_WIRE_FILES_OPEN, .request = 19},
    {.type = IC_WIRE_FILES_OPENED,
     .request = 19,
     .files_opened = {V("/api/v1/files"), V("token"), 600000, 262144, UINT64_C(2) << 30}},
};

size_t wire_sample_count(void)
{
    return IC_ARRAY_LEN(samples);
}

const struct ic_wire_frame *wire_sample(size_t i)
{
    return &samples[i];
}
