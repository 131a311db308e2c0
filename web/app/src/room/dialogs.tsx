// The room's own dialogs: keys, settings, leaving.
import { LANGUAGES, language, setLanguage, t, type Language, type TextKey } from '../i18n';
import { theme, tones, type Theme } from '../state/prefs';
import { Button, Dialog, Select, Switch } from '../ui';
import { CertificateDialog } from './certificate';
import { Devices } from './devices';
import { themes } from './frame';
import { useSession } from './session';
import { ShieldPanel } from './shield_panel';
import { certificateOf, dialog } from './view';

const KEYS: readonly [string, TextKey][] = [
    ['M', 'room.help.m'],
    ['V', 'room.help.v'],
    ['S', 'room.help.s'],
    ['C', 'room.help.c'],
    ['H', 'room.help.h'],
    ['P', 'room.help.p'],
    ['L', 'room.help.l'],
    ['?', 'room.help.help'],
    ['Esc', 'room.help.escape'],
];

function close() {
    dialog.value = null;
}

function Help() {
    return (
        <Dialog title={t('room.help')} onClose={close}>
            <dl class="keys">
                {KEYS.map(([key, text]) => (
                    <div key={key}>
                        <dt>
                            <kbd>{key}</kbd>
                        </dt>
                        <dd>{t(text)}</dd>
                    </div>
                ))}
            </dl>
        </Dialog>
    );
}

function Settings() {
    const { media } = useSession();
    return (
        <Dialog title={t('room.settings')} onClose={close}>
            <div class="stack">
                <Devices media={media} />
                <Select
                    label={t('ui.language')}
                    value={language.value}
                    options={LANGUAGES}
                    onChoose={(v) => setLanguage(v as Language)}
                />
                <Select
                    label={t('ui.theme')}
                    value={theme.value}
                    options={themes()}
                    onChoose={(v) => (theme.value = v as Theme)}
                />
                <Switch on={tones.value} onChange={(on) => (tones.value = on)}>
                    {t('room.settings.tones')}
                </Switch>
            </div>
        </Dialog>
    );
}

export interface LeaveProps {
    onLeave: () => void;
    onEnd: () => void;
}

/** Hosts decide: go alone, or end it for all. Others just leave. */
function Leave({ onLeave, onEnd }: LeaveProps) {
    return (
        <Dialog
            title={t('room.leave.title')}
            onClose={close}
            foot={
                <>
                    <Button kind="quiet" onClick={close}>
                        {t('ui.cancel')}
                    </Button>
                    <Button onClick={onEnd}>{t('room.end.all')}</Button>
                    <Button kind="danger" onClick={onLeave}>
                        {t('room.leave.self')}
                    </Button>
                </>
            }
        >
            <div class="stack-tight">
                <p>{t('room.leave.host')}</p>
                <p class="soft">{t('room.end.text')}</p>
            </div>
        </Dialog>
    );
}

export function Dialogs(props: LeaveProps) {
    if (certificateOf.value !== null) return <CertificateDialog />;
    switch (dialog.value) {
        case 'shield':
            return <ShieldPanel />;
        case 'help':
            return <Help />;
        case 'settings':
            return <Settings />;
        case 'leave':
            return <Leave {...props} />;
        default:
            return null;
    }
}
