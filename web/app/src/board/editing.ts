// Words being written on the board.
import { signal } from '@preact/signals';
import type { BoardElement } from './types';

/** A new element, or one of the board whose text is changed. */
export const editing = signal<BoardElement | null>(null);
