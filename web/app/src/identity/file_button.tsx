// A button that asks for a file. The input itself is out of sight and out of the tab order.
import { Upload } from 'lucide-preact';
import { useRef } from 'preact/hooks';
import { Button } from '../ui';

export interface FileButtonProps {
    label: string;
    accept: string;
    onFile: (file: File) => void;
}

export function FileButton({ label, accept, onFile }: FileButtonProps) {
    const input = useRef<HTMLInputElement>(null);
    const take = () => {
        const file = input.current?.files?.[0];
        if (file) onFile(file);
        if (input.current) input.current.value = '';
    };
    return (
        <>
            <input ref={input} type="file" accept={accept} hidden aria-label={label} onChange={take} />
            <Button kind="quiet" icon={Upload} onClick={() => input.current?.click()}>
                {label}
            </Button>
        </>
    );
}
