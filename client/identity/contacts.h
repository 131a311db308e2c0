/* Contacts: people whose key was compared, in person or by the security code of a meeting. A pin outlives
 * certificates and authorities: who comes by that name with another key is shown as changed.
 *
 *     struct icc_contacts c = {0};
 *     IC_TRY(icc_contacts_load(&c, why, sizeof why));          // contacts.json of the profile
 *     IC_TRY(icc_contacts_put(&c, &contact));
 *     IC_TRY(icc_contacts_save(&c));
 *     icc_contacts_clear(&c);
 *
 * The file, JSON, one object a contact; unknown fields are dropped, what is malformed is refused as a whole:
 *
 *     {"version": 1, "contacts": [{"name": "Ben House", "address": "ben@house.example",
 *       "key": "<SHA-256 of the signature key, 64 hexadecimal digits>", "how": "in person", "time": 1795430000}]}
 *
 * how: `in person` (the key's code was read from their screen) or `code` (a meeting's security code was compared
 * with all who were there). time: Unix seconds.
 */
#ifndef ICC_IDENTITY_CONTACTS_H
#define ICC_IDENTITY_CONTACTS_H

#include <ic/base/buf.h>
#include <ic/base/err.h>

enum { ICC_CONTACTS_MAX = 4096, ICC_CONTACT_TEXT = 65, ICC_KEY_CODE = 80 };

enum icc_contact_how { ICC_CONTACT_IN_PERSON = 1, ICC_CONTACT_CODE };

struct icc_contact {
    char name[ICC_CONTACT_TEXT];    /* as the roster shows it */
    char address[ICC_CONTACT_TEXT]; /* of their certificate: "ben@house.example"; or "" */
    uint8_t key_hash[32];           /* SHA-256 of the signature key */
    enum icc_contact_how how;
    int64_t time_s;
};

struct icc_contacts {
    struct icc_contact *list; /* owned */
    size_t count;
};

/* Of the profile; none where the file is not there. IC_ERR_MALFORMED, IC_ERR_IO, IC_ERR_NOMEM; why says what. */
ic_err icc_contacts_load(struct icc_contacts *out, char *why, size_t why_len);
ic_err icc_contacts_save(const struct icc_contacts *c);
void icc_contacts_clear(struct icc_contacts *c);

/* out is filled on success alone. IC_ERR_MALFORMED, IC_ERR_LIMIT, IC_ERR_NOMEM. */
ic_err icc_contacts_parse(struct ic_view json, struct icc_contacts *out);
/* Appends. */
ic_err icc_contacts_write(const struct icc_contacts *c, struct ic_buf *out);

/* Adds, or takes the place of the contact of the same key. Several keys may stand under one name: a person's
 * devices. IC_ERR_LIMIT, IC_ERR_NOMEM, IC_ERR_ARG (no name, or no text). */
ic_err icc_contacts_put(struct icc_contacts *c, const struct icc_contact *contact);
/* Removes all of that name, address or key code; how many. */
size_t icc_contacts_remove(struct icc_contacts *c, const char *who);

/* A key's code as people read it: "9f2c 1d0b ...", 16 groups of 4. */
void icc_key_code(const uint8_t key_hash[32], char out[ICC_KEY_CODE]);
/* Reads such a code; blanks, colons and dashes do not matter. */
bool icc_key_code_parse(const char *text, uint8_t key_hash[32]);

#endif
