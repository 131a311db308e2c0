/* Where the ciphertext of files goes. */
#include "body.h"

void ic_wire_files_opened(struct io *io, struct ic_wire_frame *f)
{
    struct ic_wire_files_opened *m = &f->files_opened;
    ic_wire_io_text(io, &m->path);
    ic_wire_io_text(io, &m->token);
    ic_wire_io_u32(io, &m->valid_ms);
    ic_wire_io_u32(io, &m->piece);
    ic_wire_io_u64(io, &m->file_max);
}
