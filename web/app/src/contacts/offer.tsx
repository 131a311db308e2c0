// "Remember Ana and Ben?" Whoever says yes is told when somebody comes by their names with another key.
import { signal } from '@preact/signals';
import { UserRoundCheck } from 'lucide-preact';
import type { Person } from '../core/types';
import { list, t } from '../i18n';
import { useSession, type Session } from '../room/session';
import { Banner, Button, toast } from '../ui';

const offered = signal<readonly Person[]>([]);

export function follow({ core }: Session): () => void {
    offered.value = [];
    return core.on('pin_offer', ({ person }) => {
        const others = offered.value.filter((p) => p.key_hash !== person.key_hash);
        offered.value = [...others, person];
    });
}

const close = () => {
    offered.value = [];
};

export function OfferBanner() {
    const { core } = useSession();
    const people = offered.value;
    if (people.length === 0) return null;
    const names = list(people.map((p) => p.name));
    const remember = async () => {
        const known = people.map(({ name, address, key_hash }) => ({ name, address: address ?? '', key_hash }));
        try {
            await core.do({ do: 'contacts_add', people: known });
            toast(t('contacts.added', { names }));
        } catch (e) {
            toast(t('toast.failed', { why: String(e) }));
        }
        close();
    };
    return (
        <Banner icon={UserRoundCheck} text={t('contacts.offer', { names })}>
            <Button kind="primary" onClick={() => void remember()}>
                {t('contacts.remember')}
            </Button>
            <Button onClick={close}>{t('contacts.notnow')}</Button>
        </Banner>
    );
}
