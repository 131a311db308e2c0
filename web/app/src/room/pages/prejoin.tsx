// Before joining: see yourself, hear yourself, choose devices, type a name; one button.
import { Lock } from 'lucide-preact';
import { useEffect, useState } from 'preact/hooks';
import type { Core } from '../../core/types';
import { t } from '../../i18n';
import { certifiedFor, ComesAs, IdentityDoor } from '../../identity/prejoin';
import type { IdentityState } from '../../identity/state';
import type { RoomMedia } from '../../rtc/types';
import { ownName } from '../../state/prefs';
import { Button, ICON_S, TextField } from '../../ui';
import { Avatar } from '../avatar';
import { Devices } from '../devices';
import { Frame } from '../frame';
import { refWords } from '../route';
import { SourceButton, sourceTrouble } from '../source_button';
import { Video } from '../video';

const NAME_MAX = 64;

export interface PrejoinProps {
    core: Core;
    identity: IdentityState;
    link: string;
    media: RoomMedia;
    refText: string;
    byNumber: boolean;
    onJoin: (name: string) => void;
}

function nameError(name: string): string | undefined {
    if (!name.trim()) return t('prejoin.name.missing');
    if (new TextEncoder().encode(name.trim()).length > NAME_MAX) return t('prejoin.name.long');
    return undefined;
}

function Preview({ media }: { media: RoomMedia }) {
    const camera = media.camera.value;
    const stream = media.selfVideo.value;
    const shows = camera.state === 'on' && stream;
    return (
        <div class="preview">
            {shows ? (
                <Video stream={stream} mirrored label={t('prejoin.preview')} />
            ) : (
                <div class="preview-off">
                    <Avatar name={ownName.value || '?'} seed={ownName.value} />
                    <p>{sourceTrouble('camera', camera) || t('prejoin.camera.off')}</p>
                </div>
            )}
            <div class="preview-controls">
                <SourceButton media={media} kind="microphone" />
                <SourceButton media={media} kind="camera" />
            </div>
        </div>
    );
}

/** The suite of the meeting; 0 until the server has said it. */
function useSuite(core: Core, link: string): number {
    const [suite, setSuite] = useState(0);
    useEffect(() => {
        core.do({ do: 'look', link }).then(
            (look) => setSuite(look.suite),
            () => undefined, // joining says what is wrong
        );
    }, []);
    return suite;
}

export function Prejoin(props: PrejoinProps) {
    const { core, identity, link, media, refText, byNumber, onJoin } = props;
    const suite = useSuite(core, link);
    const own = certifiedFor(identity, suite);
    const [tried, setTried] = useState(false);
    const name = ownName.value;
    const error = nameError(name);
    const trouble = sourceTrouble('microphone', media.microphone.value);
    const join = (e: Event) => {
        e.preventDefault();
        setTried(true);
        if (own) onJoin(own.name.slice(0, NAME_MAX / 4)); // it fits; the certificate's own is shown
        else if (!error) onJoin(name.trim());
    };
    return (
        <Frame title={t('prejoin.title')} wide>
            <div class="prejoin">
                <div class="stack">
                    <Preview media={media} />
                    {trouble && <p class="field-error">{trouble}</p>}
                </div>
                <form class="stack" onSubmit={join} noValidate>
                    <div>
                        <h1>{t('prejoin.title')}</h1>
                        <p class="soft">
                            {t('prejoin.room', { number: refWords(refText, byNumber) })}{' '}
                            {t('prejoin.at', { host: location.host })}
                        </p>
                    </div>
                    {own ? (
                        <ComesAs own={own} />
                    ) : (
                        <TextField
                            label={t('prejoin.name')}
                            hint={t('prejoin.name.hint')}
                            value={name}
                            onText={(v) => {
                                ownName.value = v;
                            }}
                            error={tried ? error : undefined}
                            autocomplete="name"
                            name="name"
                            autofocus
                        />
                    )}
                    <IdentityDoor state={identity} suite={suite} />
                    <Devices media={media} />
                    <Button kind="primary" large wide submit>
                        {t('prejoin.join')}
                    </Button>
                    <p class="soft small with-icon">
                        <Lock {...ICON_S} />
                        {t('prejoin.private')}
                    </p>
                </form>
            </div>
        </Frame>
    );
}
