/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Addresses of a function by its name, static ones too: from the symbol tables of the files that are
 * mapped, the program's first.
 *
 *   /proc/self/maps ─▶ each file once ─▶ .symtab and .dynsym ─▶ functions of that name
 *
 * Not by dlsym: that knows exported names only, and takes the loader's lock, which whoever waits for the
 * calling thread may hold.  And not outside of the process: a rule may be set at any time, by the program
 * itself, and for children that nobody has seen yet.  A stripped file has no names of static functions.
 *
 * Called with the lock of rules (trk-control.h) or before there are threads; no allocation, a mapping of
 * one file at a time; every length in a file is checked before it is used.
 */
#pragma once

#include <stdint.h>

/* At most @n_max of them, those of the program first.  Returns how many. */
unsigned trk_symbol_lookup (const char *name, uint64_t *addresses, unsigned n_max);
