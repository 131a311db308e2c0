// Our DTLS certificate, made before it is needed, so that its fingerprint can go out with the first
// request.

export interface Certificate {
    certificate: RTCCertificate;
    /** SHA-256, 64 hexadecimal digits. */
    fingerprint: string;
}

export async function makeCertificate(): Promise<Certificate> {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
    const certificate = await RTCPeerConnection.generateCertificate(algorithm);
    const text = fromList(certificate) ?? (await fromOffer(certificate));
    return { certificate, fingerprint: text.replaceAll(':', '').toLowerCase() };
}

function fromList(certificate: RTCCertificate): string | undefined {
    if (!('getFingerprints' in certificate)) return undefined;
    return certificate.getFingerprints().find((f) => f.algorithm === 'sha-256')?.value;
}

/** Firefox shows it in an offer only. */
async function fromOffer(certificate: RTCCertificate): Promise<string> {
    const peer = new RTCPeerConnection({ certificates: [certificate] });
    try {
        peer.createDataChannel('');
        const { sdp } = await peer.createOffer();
        const found = /^a=fingerprint:sha-256 ([0-9A-Fa-f:]{95})/m.exec(sdp ?? '');
        if (!found?.[1]) throw new Error('the certificate has no SHA-256 fingerprint');
        return found[1];
    } finally {
        peer.close();
    }
}
