// Icons are lucide's (ISC licence): `import { Mic } from 'lucide-preact'`; sizes here, so that they agree.
import type { LucideIcon } from 'lucide-preact';

export type Icon = LucideIcon;

export const ICON = { size: 20, strokeWidth: 1.75, 'aria-hidden': true } as const;
export const ICON_S = { size: 16, strokeWidth: 2, 'aria-hidden': true } as const;
