/* Where features hang on. A feature has an index.ts that calls these once, at import; features.ts imports it.
 *
 *     registerFeature({ id: 'board', start: (session) => startBoard(session) });   // answer: its end
 *     registerPanel({ id: 'chat', order: 20, label: 'chat.title', icon: MessageSquare, component: Chat,
 *                     count: () => unread.value });                // a tab of the side panel
 *     registerStage({ id: 'board', order: 20, label: () => t('board.title'), icon: Pen,
 *                     active: boardIsOpen, component: Board });     // fills the stage while active
 *     registerControl({ id: 'board', order: 30, label: () => t('board.open'), icon: Pen,
 *                       onClick: openBoard });                      // an entry of the menu "more"
 *     registerOverlay({ id: 'annotate', place: 'screen', component: Annotation });
 *     registerPersonAction({ id: 'control', label: () => t('control.ask'), visible, onClick });
 *     registerShieldSection({ id: 'bundle', order: 50, component: BundleHash });
 *
 * Order: smaller comes first. `label` functions are called while drawing, so that the language can change.
 * Components take their data from useSession() and their own signals.
 */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import type { TextKey } from '../i18n';
import type { Member } from '../state/model';
import type { Icon } from '../ui';
import type { Session } from './session';

interface Entry {
    id: string;
    order?: number;
}

export interface Feature extends Entry {
    /** When the room opens, before it is drawn. The answer ends it. */
    start: (session: Session) => () => void;
}

export interface PanelEntry extends Entry {
    label: TextKey;
    icon: Icon;
    component: ComponentType;
    /** A number on the tab: unread, waiting. */
    count?: () => number;
    visible?: () => boolean;
}

export interface StageEntry extends Entry {
    label: () => string;
    icon: Icon;
    active: ReadonlySignal<boolean>;
    component: ComponentType;
}

export interface ControlEntry extends Entry {
    label: () => string;
    icon: Icon;
    /** A letter that does the same; the room listens for it. */
    shortcut?: string;
    /** On or off; left out: an action. */
    pressed?: () => boolean;
    visible?: () => boolean;
    /** In the menu for hosts only. */
    hostOnly?: boolean;
    /** Also called by its shortcut: a single letter, while nobody types. */
    onClick?: () => void;
    /** Drawn in the menu instead of an entry: a row of reactions (role menuitem inside). */
    component?: ComponentType;
}

/** room: over everything but the controls. screen: exactly over the shared picture. tile: over each picture. */
export interface OverlayEntry extends Entry {
    place: 'room' | 'screen' | 'tile';
    /** Where: whose picture; not for `room`. */
    component: ComponentType<OverlayProps>;
}

export interface OverlayProps {
    leaf: number;
    name: string;
    self: boolean;
}

export interface PersonAction extends Entry {
    label: (p: Member) => string;
    icon: Icon;
    visible: (p: Member, session: Session) => boolean;
    danger?: boolean;
    onClick: (p: Member, session: Session) => void;
}

export interface SectionEntry extends Entry {
    component: ComponentType;
}

/** A line over the room while it holds: "Ana draws on your screen". */
export interface BannerEntry extends Entry {
    component: ComponentType;
}

function listOf<T extends Entry>() {
    const all = signal<readonly T[]>([]);
    const add = (e: T) => {
        const others = all.value.filter((o) => o.id !== e.id);
        all.value = [...others, e].sort((a, b) => (a.order ?? 100) - (b.order ?? 100));
    };
    return { all: all as ReadonlySignal<readonly T[]>, add };
}

const features = listOf<Feature>();
const panels = listOf<PanelEntry>();
const stages = listOf<StageEntry>();
const controls = listOf<ControlEntry>();
const overlays = listOf<OverlayEntry>();
const personActions = listOf<PersonAction>();
const shieldSections = listOf<SectionEntry>();
const banners = listOf<BannerEntry>();
const keptSections = listOf<SectionEntry>();

export const registerFeature = features.add;
export const registerPanel = panels.add;
export const registerStage = stages.add;
export const registerControl = controls.add;
export const registerOverlay = overlays.add;
export const registerPersonAction = personActions.add;
export const registerShieldSection = shieldSections.add;
export const registerBanner = banners.add;
/** On the page after leaving: what was kept, and where. */
export const registerKept = keptSections.add;

export const registered = {
    features: features.all,
    panels: panels.all,
    stages: stages.all,
    controls: controls.all,
    overlays: overlays.all,
    personActions: personActions.all,
    shieldSections: shieldSections.all,
    banners: banners.all,
    kept: keptSections.all,
};

/** Starts all features; the answer ends them. */
export function startFeatures(session: Session): () => void {
    const ends = features.all.value.map((f) => f.start(session));
    return () => ends.reverse().forEach((end) => end());
}
