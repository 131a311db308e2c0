// Every feature hangs itself on at import (registry.ts); a line here is all that a new one needs.
import '../files';
import '../chat';
import '../board';
import '../contacts';
import '../control';
import '../record';
