import { useEffect, useRef, useState } from 'preact/hooks';

/** An element's inner size, followed. */
export function useSize<T extends HTMLElement>() {
    const ref = useRef<T>(null);
    const [size, setSize] = useState({ width: 0, height: 0 });
    useEffect(() => {
        const e = ref.current;
        if (!e) return undefined;
        const watch = new ResizeObserver(([entry]) => {
            const box = entry?.contentRect;
            if (box) setSize({ width: box.width, height: box.height });
        });
        watch.observe(e);
        return () => watch.disconnect();
    }, []);
    return { ref, ...size };
}
