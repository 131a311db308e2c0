// All that lies over a shared picture, from below: drawing, control, the bar.
import type { OverlayProps } from '../room/registry';
import { Annotation } from './annotation';
import { ScreenBar } from './bar';
import { Capture } from './capture';

export function ScreenOverlay(props: OverlayProps) {
    return (
        <>
            <Annotation {...props} />
            <Capture {...props} />
            <ScreenBar {...props} />
        </>
    );
}
