#include "body.h"
#include <ic/base/mem.h>

static void no_body(struct io *io, struct ic_wire_frame *f)
{
    (void)io;
    (void)f;
}

static const struct wire_type types[] = {
    {IC_WIRE_HELLO, "HELLO", ic_wire_hello},
    {IC_WIRE_HELLO_OK, "HELLO_OK", ic_wire_hello_ok},
    {IC_WIRE_ENTER, "ENTER", ic_wire_enter},
    {IC_WIRE_ENTERED, "ENTERED", ic_wire_entered},
    {IC_WIRE_OK, "OK", ic_wire_ok},
    {IC_WIRE_ERROR, "ERROR", ic_wire_error},
    {IC_WIRE_DRAINING, "DRAINING", ic_wire_draining},
    {IC_WIRE_KNOCK, "KNOCK", ic_wire_knock},
    {IC_WIRE_KNOCKED, "KNOCKED", ic_wire_knocked},
    {IC_WIRE_KNOCK_GONE, "KNOCK_GONE", ic_wire_knock_gone},
    {IC_WIRE_REFUSE, "REFUSE", ic_wire_refuse},
    {IC_WIRE_REFUSED, "REFUSED", ic_wire_refused},
    {IC_WIRE_CREATE_GROUP, "CREATE_GROUP", ic_wire_create_group},
    {IC_WIRE_COMMIT, "COMMIT", ic_wire_commit},
    {IC_WIRE_PROPOSE, "PROPOSE", ic_wire_propose},
    {IC_WIRE_SEND, "SEND", ic_wire_send},
    {IC_WIRE_MESSAGE, "MESSAGE", ic_wire_message},
    {IC_WIRE_WELCOME, "WELCOME", ic_wire_welcome},
    {IC_WIRE_GET_TREE, "GET_TREE", ic_wire_get_tree},
    {IC_WIRE_TREE, "TREE", ic_wire_tree},
    {IC_WIRE_GET_GROUP_INFO, "GET_GROUP_INFO", ic_wire_get_group_info},
    {IC_WIRE_GROUP_INFO, "GROUP_INFO", ic_wire_group_info},
    {IC_WIRE_FETCH, "FETCH", ic_wire_fetch},
    {IC_WIRE_CANNOT_APPLY, "CANNOT_APPLY", ic_wire_cannot_apply},
    {IC_WIRE_REPLACE, "REPLACE", ic_wire_replace},
    {IC_WIRE_GROUP_OPEN, "GROUP_OPEN", ic_wire_group_open},
    {IC_WIRE_PRESENCE, "PRESENCE", ic_wire_presence},
    {IC_WIRE_LEAVE, "LEAVE", no_body},
    {IC_WIRE_END, "END", no_body},
    {IC_WIRE_ENDED, "ENDED", ic_wire_ended},
    {IC_WIRE_MEDIA_OPEN, "MEDIA_OPEN", ic_wire_media_open},
    {IC_WIRE_MEDIA_OPENED, "MEDIA_OPENED", ic_wire_media_opened},
    {IC_WIRE_MEDIA_CLOSE, "MEDIA_CLOSE", no_body},
    {IC_WIRE_MEDIA_WANT, "MEDIA_WANT", ic_wire_media_want},
    {IC_WIRE_MEDIA_SOURCES, "MEDIA_SOURCES", ic_wire_media_sources},
    {IC_WIRE_MEDIA_SLOTS, "MEDIA_SLOTS", ic_wire_media_slots},
    {IC_WIRE_MEDIA_PUBLISH, "MEDIA_PUBLISH", ic_wire_media_publish},
    {IC_WIRE_MEDIA_SELECT, "MEDIA_SELECT", ic_wire_media_select},
    {IC_WIRE_MEDIA_SPEAKER, "MEDIA_SPEAKER", ic_wire_media_speaker},
    {IC_WIRE_FILES_OPEN, "FILES_OPEN", no_body},
    {IC_WIRE_FILES_OPENED, "FILES_OPENED", ic_wire_files_opened},
};

static const struct {
    uint16_t code;
    const char *name;
} errors[] = {
    {IC_WIRE_E_MALFORMED, "MALFORMED"}, {IC_WIRE_E_UNSUPPORTED, "UNSUPPORTED"},
    {IC_WIRE_E_NOT_FOUND, "NOT_FOUND"}, {IC_WIRE_E_DENIED, "DENIED"},
    {IC_WIRE_E_STALE, "STALE"},         {IC_WIRE_E_INVALID, "INVALID"},
    {IC_WIRE_E_LIMIT, "LIMIT"},         {IC_WIRE_E_STATE, "STATE"},
    {IC_WIRE_E_SERVER, "SERVER"},       {IC_WIRE_E_EXISTS, "EXISTS"},
};

const struct wire_type *ic_wire_type_find(uint16_t type)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(types); i++)
        if (types[i].type == type)
            return &types[i];
    return NULL;
}

const char *ic_wire_type_name(uint16_t type)
{
    const struct wire_type *t = ic_wire_type_find(type);
    return t ? t->name : "?";
}

const char *ic_wire_error_name(uint16_t code)
{
    for (size_t i = 0; i < IC_ARRAY_LEN(errors); i++)
        if (errors[i].code == code)
            return errors[i].name;
    return "?";
}
