// Files: commands to the worker, which seals, opens, sends and fetches, and what it tells. docs/events.md has the
// same events of the native client; `blob` is what a browser gets instead of a path.
import type { Person } from '../core/events';

export interface FileInfo {
    /** Its id, 22 characters. */
    file: string;
    /** Made safe: shown and saved as it is. */
    name: string;
    type: string;
    size: number;
}

/** Names of docs/protocol/files.md and docs/events.md. */
export type FileFault =
    | 'bad-chunk'
    | 'truncated'
    | 'too-long'
    | 'wrong-digest'
    | 'not-found'
    | 'full'
    | 'too-large'
    | 'limit'
    | 'changed'
    | 'refused'
    | 'connection'
    | 'cancelled'
    | 'failed';

interface Moving extends FileInfo {
    sending: boolean;
    /** Bytes of the file that are through. */
    done: number;
}

export type FileEvent =
    | ({ event: 'file'; seq: number; person: Person } & FileInfo)
    | ({ event: 'file_withdrawn'; seq: number; person: Person } & FileInfo)
    | ({ event: 'file_progress' } & Moving)
    | ({ event: 'file_paused'; why: 'asked' | 'connection' } & Moving)
    | ({ event: 'file_sent' } & Moving)
    | ({ event: 'file_got'; blob?: Blob; preview: boolean } & Moving)
    | ({ event: 'file_failed'; why: FileFault; chunk?: number; text: string } & Moving)
    | { event: 'files_opened'; open: boolean; file_max: number; why: string };

export type FileCommand =
    | {
          /** Answers when it has an id; what becomes of it is told by events. */
          do: 'file_send';
          file: File;
      }
    | {
          do: 'file_get';
          file: string;
          /** Where to: written only when it is what was announced. Otherwise file_got brings a Blob. */
          handle?: FileSystemFileHandle;
          /** To be looked at, not kept: in memory. */
          preview?: boolean;
      }
    | { do: 'file_pause'; file: string }
    | { do: 'file_resume'; file: string }
    | { do: 'file_cancel'; file: string }
    | { do: 'file_withdraw'; file: string };

export interface FileResults {
    file_send: { file: string };
}
