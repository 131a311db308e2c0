import { DoorClosed, EyeOff, Users } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { AccountLink } from '../../account/link';
import { t } from '../../i18n';
import { Button, ICON, TextField } from '../../ui';
import { Frame } from '../frame';
import { entryOf } from '../route';

export function Home() {
    const [text, setText] = useState('');
    const [tried, setTried] = useState(false);
    const entry = entryOf(text, new URL(location.href));
    const go = (e: Event) => {
        e.preventDefault();
        setTried(true);
        if (entry) location.assign(entry.url.href);
    };
    const elsewhere = entry?.elsewhere ? entry.url.host : '';
    return (
        <Frame title={t('home.title')} aside={<AccountLink />}>
            <div class="stack home">
                <h1>{t('home.title')}</h1>
                <p class="soft lead">{t('home.text')}</p>
                <form class="card stack" onSubmit={go} noValidate>
                    <TextField
                        label={t('home.link')}
                        hint={elsewhere ? t('home.link.elsewhere', { host: elsewhere }) : t('home.link.hint')}
                        value={text}
                        onText={setText}
                        error={tried && !entry ? t('home.link.error') : undefined}
                        autocomplete="off"
                        spellcheck={false}
                        inputMode="url"
                        name="link"
                    />
                    <Button kind="primary" large wide submit>
                        {elsewhere ? t('home.open', { host: elsewhere }) : t('home.go')}
                    </Button>
                </form>
                <ul class="promises">
                    <li>
                        <DoorClosed {...ICON} />
                        {t('home.how.1')}
                    </li>
                    <li>
                        <Users {...ICON} />
                        {t('home.how.2')}
                    </li>
                    <li>
                        <EyeOff {...ICON} />
                        {t('home.how.3')}
                    </li>
                </ul>
            </div>
        </Frame>
    );
}
