// Choosing camera, microphone and loudspeaker: on the page before joining and in the settings.
import { Volume2 } from 'lucide-preact';
import { t } from '../i18n';
import type { DeviceKind, RoomMedia } from '../rtc/types';
import { Button, Meter, Select } from '../ui';

function Choose({ media, kind }: { media: RoomMedia; kind: DeviceKind }) {
    const found = media.devices.value[kind].filter((d) => d.id !== '' && d.label !== '');
    const options = [
        { id: '', name: t('prejoin.default') },
        ...found.map((d) => ({ id: d.id, name: d.label })),
    ];
    return (
        <Select
            label={t(`prejoin.${kind}`)}
            value={media.chosen.value[kind]}
            options={options}
            onChoose={(id) => void media.choose(kind, id)}
        />
    );
}

export function Devices({ media }: { media: RoomMedia }) {
    return (
        <div class="devices">
            <Choose media={media} kind="camera" />
            <div class="stack-tight">
                <Choose media={media} kind="microphone" />
                <Meter level={media.level} label={t('prejoin.level')} />
            </div>
            <div class="stack-tight">
                {media.canChooseSpeaker && <Choose media={media} kind="speaker" />}
                <Button kind="quiet" icon={Volume2} onClick={() => void media.testSpeaker()}>
                    {t('prejoin.test')}
                </Button>
            </div>
        </div>
    );
}
