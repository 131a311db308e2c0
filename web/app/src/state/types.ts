// Events of what people do together, as far as the room itself shows them.
import type { Person } from '../core/types';

export type StatusEvent = {
    event: 'status';
    person: Person;
    microphone: boolean;
    camera: boolean;
    sharing: boolean;
    recording: boolean;
    /** Unix time of the raised hand; 0: not raised. */
    hand: number;
};
