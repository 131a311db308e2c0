// The whiteboard as it stands on the stage.
import { useEffect } from 'preact/hooks';
import { t } from '../i18n';
import { news, tool } from './model';
import { Surface } from './surface';
import { addImage, Toolbar } from './toolbar';

function imagesOf(data: DataTransfer | null): File[] {
    return [...(data?.files ?? [])].filter((f) => f.type.startsWith('image/'));
}

export function Board() {
    useEffect(() => {
        news.value = 0;
        const paste = (e: ClipboardEvent) => {
            for (const f of imagesOf(e.clipboardData)) void addImage(f);
        };
        document.addEventListener('paste', paste);
        return () => document.removeEventListener('paste', paste);
    }, []);
    return (
        <section
            class="board"
            aria-label={t('board.title')}
            data-tool={tool.value}
            onDragOver={(e) => e.preventDefault()}
            onDrop={(e) => {
                const images = imagesOf(e.dataTransfer);
                if (images.length === 0) return;
                e.preventDefault();
                e.stopPropagation();
                for (const f of images) void addImage(f);
            }}
        >
            <Toolbar />
            <Surface />
        </section>
    );
}
