// People whom this browser knows again: whoever was there when the codes were compared, and was then remembered.
import type { Person } from '../core/events';

export interface Contact {
    name: string;
    /** Of the certificate, as it was then; '' where there was none. */
    address: string;
    /** SHA-256 of the signature key, hexadecimal. */
    key_hash: string;
    /** Unix seconds. */
    time: number;
}

export type ContactCommand =
    | { do: 'contacts' }
    | { do: 'contacts_add'; people: readonly Pick<Person, 'name' | 'address' | 'key_hash'>[] }
    | { do: 'contacts_remove'; key_hash: string };

export interface ContactResults {
    contacts: Contact[];
    contacts_add: Contact[];
    contacts_remove: Contact[];
}

/** The codes were compared while this person was here: one each. */
export type ContactEvent = { event: 'pin_offer'; person: Person };
