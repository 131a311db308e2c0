// Before joining: see yourself, hear yourself, choose devices, type a name; one button.
import { Lock } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { t } from '../../i18n';
import { certifiedFor, ComesAs, IdentityDoor } from '../../identity/prejoin';
import type { IdentityState } from '../../identity/state';
import type { RoomMedia } from '../../rtc/types';
import { ownName } from '../../state/prefs';
import { Button, ICON_S, TextField } from '../../ui';
import type { Looked } from '../looked';
import { Avatar } from '../avatar';
import { Devices } from '../devices';
import { Frame } from '../frame';
import { refWords } from '../route';
import { SourceButton, sourceTrouble } from '../source_button';
import { Video } from '../video';

const NAME_MAX = 64;

export interface PrejoinProps {
    identity: IdentityState;
    media: RoomMedia;
    refText: string;
    byNumber: boolean;
    /** What the server tells of the meeting; null: nothing yet. */
    looked: Looked | null;
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

function numberOf(looked: Looked | null, refText: string, byNumber: boolean): string {
    return looked?.number ? refWords(looked.number, true) : refWords(refText, byNumber);
}

export function Prejoin(props: PrejoinProps) {
    const { identity, media, refText, byNumber, looked, onJoin } = props;
    const suite = looked?.suite ?? 0;
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
                        <h1>{looked?.title || t('prejoin.title')}</h1>
                        <p class="soft">
                            {t('prejoin.room', { number: numberOf(looked, refText, byNumber) })}{' '}
                            {t('prejoin.at', { host: location.host })}
                        </p>
                        {looked?.locked && (
                            <p class="with-icon warn">
                                <Lock {...ICON_S} />
                                {t('prejoin.locked')}
                            </p>
                        )}
                        {looked?.recording && <p class="soft small">{t('prejoin.recording')}</p>}
                        {looked?.watermark && <p class="soft small">{t('prejoin.watermark')}</p>}
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
