#include <ic/base/mem.h>
#include <ic/mlspub/extensions.h>

enum {
    DATA_MAX = 1 << 24,
    LAST_RESORT_KEY_PACKAGE = 4, /* ComponentID */
};

/* Writes the list but for that type. */
static void write_others(struct ic_writer *w, struct ic_view list, uint16_t type)
{
    uint16_t t;
    struct ic_view data;
    struct ic_reader r = ic_reader(list);
    while (ic_mlspub_extensions_next(&r, &t, &data))
        if (t != type)
            ic_mlspub_extension_write(w, t, data);
}

static ic_err replace(struct ic_buf *list, uint16_t type, const struct ic_view *data)
{
    struct ic_buf next;
    IC_TRY(ic_mlspub_extensions_check(ic_buf_view(list)));
    ic_buf_init(&next, list->max);
    struct ic_writer w = ic_writer(&next);
    write_others(&w, ic_buf_view(list), type);
    if (data)
        ic_mlspub_extension_write(&w, type, *data);
    ic_err e = ic_writer_end(&w);
    if (e != IC_OK) {
        ic_buf_clear(&next);
        return e;
    }
    ic_buf_move(list, &next);
    return IC_OK;
}

ic_err ic_mlspub_extensions_put(struct ic_buf *list, uint16_t type, struct ic_view data)
{
    return replace(list, type, &data);
}

ic_err ic_mlspub_extensions_drop(struct ic_buf *list, uint16_t type)
{
    return replace(list, type, NULL);
}

ic_err ic_mlspub_extensions_put_required_capabilities(
    struct ic_buf *list, const struct ic_mlspub_required_capabilities *need)
{
    IC_BUF_SCOPE(data, DATA_MAX);
    struct ic_writer w = ic_writer(&data);
    ic_write_vec(&w, need->extensions);
    ic_write_vec(&w, need->proposals);
    ic_write_vec(&w, need->credentials);
    IC_TRY(ic_writer_end(&w));
    struct ic_mlspub_required_capabilities read;
    IC_TRY(ic_mlspub_required_capabilities_decode(ic_buf_view(&data), &read));
    return ic_mlspub_extensions_put(list, IC_MLS_EXT_REQUIRED_CAPABILITIES, ic_buf_view(&data));
}

ic_err ic_mlspub_extensions_put_external_senders(struct ic_buf *list,
                                                 const struct ic_mlspub_external_sender *senders,
                                                 size_t count)
{
    IC_BUF_SCOPE(data, DATA_MAX);
    struct ic_writer w = ic_writer(&data);
    size_t mark = ic_write_open(&w);
    for (size_t i = 0; i < count; i++) {
        ic_write_vec(&w, senders[i].signature_key);
        ic_mlspub_credential_write(&w, &senders[i].credential);
    }
    ic_write_close(&w, mark);
    IC_TRY(ic_writer_end(&w));
    return ic_mlspub_extensions_put(list, IC_MLS_EXT_EXTERNAL_SENDERS, ic_buf_view(&data));
}

ic_err ic_mlspub_extensions_put_application_id(struct ic_buf *list, struct ic_view id)
{
    IC_BUF_SCOPE(data, DATA_MAX);
    struct ic_writer w = ic_writer(&data);
    ic_write_vec(&w, id);
    IC_TRY(ic_writer_end(&w));
    return ic_mlspub_extensions_put(list, IC_MLS_EXT_APPLICATION_ID, ic_buf_view(&data));
}

ic_err ic_mlspub_extensions_application_id(struct ic_view list, struct ic_view *id)
{
    struct ic_view data;
    if (!ic_mlspub_extensions_find(list, IC_MLS_EXT_APPLICATION_ID, &data))
        return IC_ERR_NOT_FOUND;
    struct ic_reader r = ic_reader(data);
    struct ic_view v = ic_read_vec(&r, DATA_MAX);
    if (ic_reader_end(&r) != IC_OK)
        return IC_ERR_MALFORMED;
    *id = v;
    return IC_OK;
}

ic_err ic_mlspub_types_append(struct ic_buf *types, uint16_t type)
{
    struct ic_writer w = ic_writer(types);
    ic_write_u16(&w, type);
    return ic_writer_end(&w);
}

/* ---- drafts ---- */

/* An AppDataDictionary is a vector of ComponentData, ascending by id: here the one. */
ic_err ic_mlspub_extensions_put_last_resort(struct ic_buf *list)
{
    IC_BUF_SCOPE(data, DATA_MAX);
    struct ic_writer w = ic_writer(&data);
    size_t mark = ic_write_open(&w);
    ic_write_u16(&w, LAST_RESORT_KEY_PACKAGE);
    ic_write_vec(&w, ic_view(NULL, 0));
    ic_write_close(&w, mark);
    IC_TRY(ic_writer_end(&w));
    return ic_mlspub_extensions_put(list, IC_MLS_EXT_APP_DATA_DICTIONARY, ic_buf_view(&data));
}

static bool dictionary_has(struct ic_view data, uint16_t component)
{
    bool found = false;
    struct ic_reader r = ic_reader(data);
    struct ic_reader entries = ic_read_sub(&r, DATA_MAX);
    while (ic_reader_more(&entries)) {
        found |= ic_read_u16(&entries) == component;
        (void)ic_read_vec(&entries, DATA_MAX);
    }
    return ic_reader_end(&entries) == IC_OK && ic_reader_end(&r) == IC_OK && found;
}

bool ic_mlspub_extensions_last_resort(struct ic_view list)
{
    struct ic_view data;
    if (ic_mlspub_extensions_find(list, IC_MLS_EXT_LAST_RESORT, NULL))
        return true;
    return ic_mlspub_extensions_find(list, IC_MLS_EXT_APP_DATA_DICTIONARY, &data) &&
           dictionary_has(data, LAST_RESORT_KEY_PACKAGE);
}
