/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The library of victim-symbols.c, loaded: its path, build-id, and the addresses of its calls.  Copies
 * that objcopy made of it have the same addresses.
 */
#pragma once

#include <glib.h>

#include "victim-symbols.h"

typedef struct {
  char *path;
  char *build_id; /* NULL: none */
  guint64 bias;
  const VictimCalls *calls;
} VictimLibrary;

typedef struct {
  guint64 address; /* return address in the process */
  int line;
} VictimNote;

/* Aborts if it cannot be. */
void victim_library_load (VictimLibrary *self, const char *path);
void victim_library_clear (VictimLibrary *self);

/* The calls that @function makes. (transfer full) (element-type VictimNote) */
GArray *victim_library_call (void (*function) (VictimCall call));

/* Runs @script by sh in @folder; the test fails if it does. */
void victim_run_script (const char *folder, const char *script);
