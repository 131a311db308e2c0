// What this browser lacks, before anything is asked of anybody.

/** i18n: `support.<what>`. */
export type Lacking =
    | 'secure_context'
    | 'webassembly'
    | 'worker'
    | 'webcrypto'
    | 'indexeddb'
    | 'peer_connection'
    | 'encoded_transform'
    | 'media_devices';

export interface Support {
    ok: boolean;
    /** Without these nobody can join from here. */
    lacking: Lacking[];
    canShareScreen: boolean;
    canChooseSpeaker: boolean;
    /** Video frames that are opaque from the first byte (Dependency Descriptor). */
    opaque: boolean;
    codecs: ('vp8' | 'vp9')[];
}

const DESCRIPTOR = 'dependency-descriptor-rtp-header-extension';

export function support(scope: typeof globalThis = globalThis): Support {
    const lacking: Lacking[] = [];
    const want = (ok: boolean, what: Lacking) => void (ok || lacking.push(what));
    want(scope.isSecureContext, 'secure_context');
    want('WebAssembly' in scope, 'webassembly');
    want('Worker' in scope, 'worker');
    want(scope.crypto?.subtle !== undefined, 'webcrypto');
    want('indexedDB' in scope, 'indexeddb');
    want('RTCPeerConnection' in scope, 'peer_connection');
    want('RTCRtpScriptTransform' in scope, 'encoded_transform');
    const devices = scope.navigator?.mediaDevices;
    want(devices !== undefined, 'media_devices');
    return {
        ok: lacking.length === 0,
        lacking,
        canShareScreen: devices !== undefined && 'getDisplayMedia' in devices,
        canChooseSpeaker: 'HTMLMediaElement' in scope && 'setSinkId' in HTMLMediaElement.prototype,
        ...video(scope),
    };
}

function video(scope: typeof globalThis): Pick<Support, 'opaque' | 'codecs'> {
    if (!('RTCRtpReceiver' in scope)) return { opaque: false, codecs: [] };
    const can = RTCRtpReceiver.getCapabilities?.('video');
    const has = (type: string) => can?.codecs.some((c) => c.mimeType.toLowerCase() === type);
    const opaque = can?.headerExtensions.some((e) => e.uri.endsWith(DESCRIPTOR)) ?? false;
    return {
        opaque: opaque || offersDescriptor(),
        codecs: has('video/vp9') ? ['vp8', 'vp9'] : ['vp8'],
    };
}

/** Chromium can negotiate the descriptor although its list of capabilities is silent about it. */
function offersDescriptor(): boolean {
    if (!('RTCPeerConnection' in globalThis && 'RTCRtpTransceiver' in globalThis)) return false;
    if (!('getHeaderExtensionsToNegotiate' in RTCRtpTransceiver.prototype)) return false;
    const peer = new RTCPeerConnection();
    try {
        const t = peer.addTransceiver('video') as RTCRtpTransceiver & {
            getHeaderExtensionsToNegotiate(): { uri: string }[];
        };
        return t.getHeaderExtensionsToNegotiate().some((e) => e.uri.endsWith(DESCRIPTOR));
    } finally {
        peer.close();
    }
}
