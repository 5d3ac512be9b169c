/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The program or library that an address of code belongs to.
 *
 *   glibc 2.35 and later   _dl_find_object (): no lock, all that the loader knows
 *   older ones             a table of our own, filled from /proc/self/maps
 *
 * Never dl_iterate_phdr (): it holds a lock of the loader while it calls back, and a callback may wait for
 * what the thread holds that called malloc.
 *
 * The table of our own holds every object that was there at the start.  An address that it does not know is
 * looked for in the maps, and after a dlclose so is each object that is on a stack: 120 µs with the hundred
 * libraries of a GTK program.  What is in no object (code made while running) is remembered, too, for a
 * thousand questions.  Only objects of the caller's own stack are read, which nobody may unload meanwhile.
 *
 * Any thread, any signal handler; no lock, no allocation.  Called for an address that the rule table does
 * not know, never for an event whose frames are known.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  uint64_t start, end;   /* of all that it has mapped */
  uint64_t bias;         /* what is added to the addresses in its file */
  uint64_t eh_frame_hdr; /* 0: it has none */
  /* "": the program itself, where the loader says so; "?": there were too many to keep.  Lives as long as the
   * object. */
  const char *path;
} TrkLoadedObject;

/* In the constructor; takes the loader's lock for a moment. */
void trk_loaded_object_init (void);

bool trk_loaded_object_find (uint64_t address, TrkLoadedObject *object);

/* Of the object at @address, from the root, as the kernel has it: the loader's may be the one that was typed.  NULL: not
 * known.  Reads /proc/self/maps. */
const char *trk_loaded_object_find_path (uint64_t address);

/* Something is about to be unloaded, or was: what the table says has to be confirmed. */
void trk_loaded_object_forget (void);

/* How /proc/self/maps is opened and closed; the recorder has its own way, which keeps the descriptor from a
 * program that closes all that it does not know. */
typedef struct {
  int (*open_to_read) (const char *path); /* negative: failed */
  void (*close) (int fd);
} TrkLoadedObjectFiles;

void trk_loaded_object_set_files (const TrkLoadedObjectFiles *files);

/* For tests: as it is on an older glibc. */
void trk_loaded_object_use_own_table (void);
