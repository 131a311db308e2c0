// The whole page: which one it is follows from the address.
import { useEffect } from 'preact/hooks';
import { AccountPage } from '../account/account_page';
import { SignInPage } from '../account/signin_page';
import { language } from '../i18n';
import { support } from '../rtc/support';
import { Toasts } from '../ui';
import { Meeting, type Makers } from './meeting';
import { NotFound } from './pages/ended';
import { Home } from './pages/home';
import { Unsupported } from './pages/unsupported';
import { route } from './route';

function Page({ makers }: { makers: Makers }) {
    const r = route(new URL(location.href));
    if (r.page === 'home') return <Home />;
    if (r.page === 'signin') return <SignInPage />;
    if (r.page === 'account') return <AccountPage makeCore={makers.core} />;
    if (r.page === 'none') return <NotFound />;
    const can = support();
    if (!can.ok) return <Unsupported lacking={can.lacking} />;
    return <Meeting makers={makers} link={r.link} refText={r.ref} byNumber={r.byNumber} />;
}

export function App({ makers }: { makers: Makers }) {
    const now = language.value;
    useEffect(() => {
        document.documentElement.lang = now;
    }, [now]);
    return (
        <>
            <Page makers={makers} />
            <Toasts />
        </>
    );
}
