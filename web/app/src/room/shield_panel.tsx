// What stands one tap below the shield: who can hear, the code and how to compare it, and the whole truth.
import { Copy } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { clock, t, tn } from '../i18n';
import { toCompare, type Code } from '../state/model';
import { Button, cx, Dialog, Switch } from '../ui';
import { tones } from '../state/prefs';
import { SecurityCode } from './code';
import { Compare } from './compare';
import { copyDetails } from './details';
import { logWords } from './log_words';
import { registered } from './registry';
import { useSession } from './session';
import { ShieldSign } from './shield';
import { shieldMeaning, shieldWords, signOf } from './shield_words';
import { dialog } from './view';

const SUITES: Readonly<Record<number, string>> = {
    1: 'X25519, AES-128-GCM, SHA-256, Ed25519',
    2: 'P-256, AES-128-GCM, SHA-256, ECDSA P-256',
    3: 'X25519, ChaCha20-Poly1305, SHA-256, Ed25519',
    5: 'P-521, AES-256-GCM, SHA-512, ECDSA P-521',
    7: 'P-384, AES-256-GCM, SHA-384, ECDSA P-384',
};

function Facts() {
    const { room, suite } = useSession();
    const m = room.model.value;
    const code = m.codes[0];
    const by = code?.committer
        ? t('shield.facts.at', { name: code.committer, time: clock(code.time_ms) })
        : t('shield.facts.unknown');
    return (
        <section class="stack-tight" aria-labelledby="shield-facts">
            <h3 id="shield-facts">{t('shield.facts')}</h3>
            <dl class="facts">
                <dt>{t('shield.facts.devices')}</dt>
                <dd>{tn('people.devices', m.people.length)}</dd>
                <dt>{t('shield.facts.suite')}</dt>
                <dd>{SUITES[suite.value] ?? t('shield.facts.unknown')}</dd>
                <dt>{t('shield.facts.epoch')}</dt>
                <dd class="mono">{m.epoch}</dd>
                <dt>{t('shield.facts.committer')}</dt>
                <dd>{by}</dd>
            </dl>
        </section>
    );
}

function Log() {
    const { room } = useSession();
    const lines = [...room.log.value].reverse().slice(0, 200);
    return (
        <details class="details">
            <summary>{t('shield.log')}</summary>
            {lines.length === 0 && <p class="soft">{t('shield.log.empty')}</p>}
            <ol class="log">
                {lines.map((l, i) => (
                    <li key={lines.length - i}>
                        <time class="mono soft" dateTime={new Date(l.time_ms).toISOString()}>
                            {clock(l.time_ms)}
                        </time>
                        <span>{logWords(l)}</span>
                    </li>
                ))}
            </ol>
        </details>
    );
}

export function ShieldPanel() {
    const { room } = useSession();
    const [comparing, setComparing] = useState<Code | null>(null);
    const m = room.model.value;
    const code = m.codes[0];
    const close = () => {
        dialog.value = null;
    };
    if (comparing)
        return <Compare first={comparing} onBack={() => setComparing(null)} onClose={close} />;
    const sign = signOf(m.state);
    return (
        <Dialog title={t('shield.title')} wide onClose={close}>
            <div class="stack">
                <div class={cx('shield-state', `shield-${sign}`)}>
                    <ShieldSign sign={sign} size={32} />
                    <div>
                        <p class="shield-words">{shieldWords(m.state, m)}</p>
                        <p class="soft">{shieldMeaning(m.state)}</p>
                    </div>
                </div>
                <section class="stack-tight" aria-labelledby="shield-code">
                    <h3 id="shield-code">{t('shield.code')}</h3>
                    {code ? (
                        <>
                            <SecurityCode code={code.code} />
                            <p class="soft small">{t('shield.code.hint')}</p>
                            <div>
                                <Button
                                    kind={toCompare(m).length ? 'primary' : 'plain'}
                                    onClick={() => setComparing(code)}
                                >
                                    {t('shield.steps.start')}
                                </Button>
                            </div>
                        </>
                    ) : (
                        <p class="soft">{t('shield.code.none')}</p>
                    )}
                </section>
                <Facts />
                {registered.shieldSections.value.map((s) => (
                    <s.component key={s.id} />
                ))}
                <Log />
                <Switch
                    on={tones.value}
                    onChange={(on) => {
                        tones.value = on;
                    }}
                >
                    {t('room.settings.tones')}
                </Switch>
                <div>
                    <Button icon={Copy} onClick={() => void copyDetails(m)}>
                        {t('shield.details.copy')}
                    </Button>
                </div>
            </div>
        </Dialog>
    );
}
