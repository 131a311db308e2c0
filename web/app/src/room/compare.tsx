// Comparing the code: one epoch held still while two people read; those of the last ten minutes can be chosen.
import { useState } from 'preact/hooks';
import { clock, t } from '../i18n';
import { toCompare, type Code } from '../state/model';
import { Button, Dialog, Select, toast } from '../ui';
import { SecurityCode } from './code';
import { copyDetails } from './details';
import { IdentityBadge } from './identity';
import { useSession } from './session';

export interface CompareProps {
    first: Code;
    onBack: () => void;
    onClose: () => void;
}

export function Compare({ first, onBack, onClose }: CompareProps) {
    const { room, core } = useSession();
    const [frozen, setFrozen] = useState(first);
    const [differ, setDiffer] = useState(false);
    const m = room.model.value;
    const same = () => {
        core.do({ do: 'compared' }).then(
            () => {
                toast(t('shield.compared'));
                onClose();
            },
            (e: unknown) => toast(t('toast.failed', { why: String(e) })),
        );
    };
    if (differ) return <Differ onBack={() => setDiffer(false)} onClose={onClose} />;
    const epochs = m.codes.map((c, i) => ({
        id: String(c.epoch),
        name:
            i === 0
                ? t('shield.steps.now', { epoch: c.epoch })
                : t('shield.steps.epoch', { epoch: c.epoch, time: clock(c.time_ms) }),
    }));
    return (
        <Dialog
            title={t('shield.steps')}
            wide
            onClose={onClose}
            foot={
                <>
                    <Button kind="quiet" onClick={onBack}>
                        {t('ui.back')}
                    </Button>
                    <Button onClick={() => setDiffer(true)}>{t('shield.steps.different')}</Button>
                    <Button kind="primary" onClick={same}>
                        {t('shield.steps.same')}
                    </Button>
                </>
            }
        >
            <div class="stack">
                <ol class="steps">
                    <li>
                        {t('shield.steps.1')}
                        <First />
                    </li>
                    <li>{t('shield.steps.2')}</li>
                    <li>{t('shield.steps.3')}</li>
                </ol>
                <SecurityCode code={frozen.code} />
                <p class="soft small">
                    {frozen.epoch === m.epoch
                        ? t('shield.steps.frozen', {
                              epoch: frozen.epoch,
                              time: clock(frozen.time_ms),
                          })
                        : t('shield.steps.older', { epoch: m.epoch })}
                </p>
                {epochs.length > 1 && (
                    <Select
                        label={t('shield.steps.pick')}
                        value={String(frozen.epoch)}
                        options={epochs}
                        onChoose={(id) => {
                            const c = m.codes.find((x) => String(x.epoch) === id);
                            if (c) setFrozen(c);
                        }}
                    />
                )}
            </div>
        </Dialog>
    );
}

/** Whom first: hosts whom nobody vouches for, then the others. */
function First() {
    const { room } = useSession();
    const people = toCompare(room.model.value).slice(0, 4);
    if (people.length === 0) return null;
    return (
        <div class="compare-first">
            <span class="soft small">{t('shield.steps.first')}</span>
            {people.map((p) => (
                <span key={p.leaf} class="row">
                    <strong>{p.name}</strong>
                    <IdentityBadge person={p} />
                </span>
            ))}
        </div>
    );
}

function Differ({ onBack, onClose }: { onBack: () => void; onClose: () => void }) {
    const { room } = useSession();
    return (
        <Dialog
            title={t('shield.steps.differ.title')}
            onClose={onClose}
            foot={
                <>
                    <Button kind="quiet" onClick={onBack}>
                        {t('ui.back')}
                    </Button>
                    <Button kind="primary" onClick={() => void copyDetails(room.model.peek())}>
                        {t('shield.details.copy')}
                    </Button>
                </>
            }
        >
            <p>{t('shield.steps.differ.text')}</p>
        </Dialog>
    );
}
