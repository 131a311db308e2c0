#include "json_desk.h"

#include <ic/base/mem.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int number(const json_t *o, const char *key, int otherwise)
{
    const json_t *n = json_object_get(o, key);
    json_int_t v = json_is_integer(n) ? json_integer_value(n) : otherwise;
    return v > INT32_MAX || v < INT32_MIN ? otherwise : (int)v;
}

static int index_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; name && i < count; i++)
        if (strcmp(names[i], name) == 0)
            return (int)i;
    return -1;
}

/* Absolute points to steps; false where there are none, too many, or one is too far. */
static bool take_points(const json_t *o, struct ic_together_board_element *e, uint8_t *room)
{
    const json_t *list = json_object_get(o, "points");
    size_t n = json_array_size(list) / 2;
    json_int_t at[2] = {e->x, e->y};
    if (n < 1 || n > IC_TOGETHER_BOARD_POINTS)
        return false;
    for (size_t i = 0; i < 2 * n; i++) {
        json_int_t v = json_integer_value(json_array_get(list, i)), step = v - at[i % 2];
        if (step < INT16_MIN || step > INT16_MAX)
            return false;
        ic_store_u16(room + 2 * i, (uint16_t)(int16_t)step);
        at[i % 2] = v;
    }
    e->data = ic_view(room, 4 * n);
    return true;
}

static const char *add(struct icc_room *room, const json_t *o)
{
    static const char *const types[] = {"pen", "line", "rect", "ellipse", "arrow", "text", "note"};
    uint8_t points[4 * IC_TOGETHER_BOARD_POINTS];
    int type = index_of(json_string_value(json_object_get(o, "type")), types, IC_ARRAY_LEN(types));
    const json_t *text = json_object_get(o, "text");
    struct icc_desk_command c = {.what = ICC_DESK_ADD};
    struct ic_together_board_element *e = &c.element;
    if (type < 0)
        return "type must be pen, line, rect, ellipse, arrow, text or note";
    bool lettered = type >= 5;
    e->type = (uint8_t)(type + 1);
    e->colour = (uint8_t)number(o, "colour", lettered && type == 6 ? 4 : 0);
    e->fill = (uint8_t)number(o, "fill", 0);
    e->width = (uint8_t)number(o, "width", lettered ? 18 : 3);
    e->x = number(o, "x", 0);
    e->y = number(o, "y", 0);
    e->w = number(o, "w", type == 0 ? 0 : 1280);
    e->h = number(o, "h", type == 0 ? 0 : 800);
    if (lettered && json_is_string(text))
        e->data = ic_view(json_string_value(text), json_string_length(text));
    if (type == 0 && !take_points(o, e, points))
        return "points must be whole numbers: x, y, x, y";
    return icc_room_desk_do(room, &c);
}

static const char *delete (struct icc_room *room, const json_t *o)
{
    struct icc_desk_command c = {.what = ICC_DESK_DELETE};
    const char *id = json_string_value(json_object_get(o, "id"));
    if (!id ||
        sscanf(id, "%16" SCNx64 "-%16" SCNx64, &c.element.id.author, &c.element.id.number) != 2)
        return "id is missing";
    return icc_room_desk_do(room, &c);
}

static const char *input(struct icc_room *room, const json_t *o)
{
    static const char *const types[] = {"move", "button", "wheel", "key"};
    struct icc_desk_command c = {.what = ICC_DESK_INPUT};
    int type = index_of(json_string_value(json_object_get(o, "type")), types, IC_ARRAY_LEN(types));
    if (type < 0)
        return "type must be move, button, wheel or key";
    c.input = (struct ic_together_input){.type = (uint8_t)(type + 1),
                                         .x = (uint16_t)number(o, "x", 0),
                                         .y = (uint16_t)number(o, "y", 0),
                                         .dx = (int8_t)number(o, "dx", 0),
                                         .dy = (int8_t)number(o, "dy", 0),
                                         .code = (uint32_t)number(o, "code", 0),
                                         .down = json_is_true(json_object_get(o, "down"))};
    return icc_room_desk_do(room, &c);
}

static const char *simple(struct icc_room *room, const json_t *o, enum icc_desk_what what)
{
    const json_t *leaf = json_object_get(o, "leaf"), *on = json_object_get(o, "on");
    bool keys = !json_is_false(json_object_get(o, "keys"));
    struct icc_desk_command c = {
        .what = what,
        .leaf = json_is_integer(leaf) ? (uint32_t)json_integer_value(leaf) : UINT32_MAX,
        .allows = (uint8_t)(IC_TOGETHER_CONTROL_POINTER | (keys ? IC_TOGETHER_CONTROL_KEYS : 0)),
        .on = json_is_true(on),
        .path = json_string_value(json_object_get(o, "path"))};
    if ((what == ICC_DESK_REQUEST || what == ICC_DESK_REVOKE) && !json_is_integer(leaf))
        return "leaf must be a whole number";
    if (what == ICC_DESK_DRAWING && !json_is_boolean(on))
        return "on must be true or false";
    if (what == ICC_DESK_EXPORT && !c.path)
        return "path is missing";
    return icc_room_desk_do(room, &c);
}

bool icc_json_desk_do(struct icc_room *room, const char *name, const json_t *o, const char **why)
{
    static const struct {
        const char *name;
        enum icc_desk_what what;
    } rows[] = {{"board_add", ICC_DESK_ADD},
                {"board_delete", ICC_DESK_DELETE},
                {"board_clear", ICC_DESK_CLEAR},
                {"board_undo", ICC_DESK_UNDO},
                {"board_redo", ICC_DESK_REDO},
                {"board_export", ICC_DESK_EXPORT},
                {"control_request", ICC_DESK_REQUEST},
                {"control_grant", ICC_DESK_GRANT},
                {"control_refuse", ICC_DESK_REFUSE},
                {"control_stop", ICC_DESK_STOP},
                {"control_revoke", ICC_DESK_REVOKE},
                {"control_input", ICC_DESK_INPUT},
                {"annotation_switch", ICC_DESK_DRAWING},
                {"annotation_clear", ICC_DESK_CLEAN},
                {"screen_stop", ICC_DESK_STOP_SCREEN}};
    size_t i = 0;
    while (i < IC_ARRAY_LEN(rows) && strcmp(rows[i].name, name) != 0)
        i++;
    if (i == IC_ARRAY_LEN(rows))
        return false;
    *why = rows[i].what == ICC_DESK_ADD      ? add(room, o)
           : rows[i].what == ICC_DESK_DELETE ? delete (room, o)
           : rows[i].what == ICC_DESK_INPUT  ? input(room, o)
                                             : simple(room, o, rows[i].what);
    return true;
}
