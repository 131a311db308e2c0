import { useEffect, useRef, useState } from 'preact/hooks';
import { cx } from '../ui';

export interface VideoProps {
    stream: MediaStream;
    mirrored?: boolean;
    fit?: 'cover' | 'contain';
    label: string;
    onRatio?: (ratio: number) => void;
}

/** A picture, from its first frame on (before, what lies behind is seen), and always without sound: sound is played elsewhere, once a person. */
export function Video({ stream, mirrored, fit = 'cover', label, onRatio }: VideoProps) {
    const box = useRef<HTMLVideoElement>(null);
    const [begun, setBegun] = useState(false);
    useEffect(() => {
        setBegun(false);
        const v = box.current;
        if (!v) return undefined;
        v.srcObject = stream;
        v.play().catch(() => undefined); // autoplay: muted pictures play everywhere; a hidden tab plays later
        return () => {
            v.srcObject = null;
        };
    }, [stream]);
    return (
        <video
            ref={box}
            class={cx(
                'video',
                mirrored && 'video-mirrored',
                fit === 'contain' && 'video-contain',
                !begun && 'video-waits',
            )}
            aria-label={label}
            autoPlay
            muted
            playsInline
            disablePictureInPicture
            onLoadedData={() => setBegun(true)}
            onResize={(e) => {
                const v = e.currentTarget;
                if (v.videoHeight) onRatio?.(v.videoWidth / v.videoHeight);
            }}
        />
    );
}
