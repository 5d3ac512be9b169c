/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* For its neighbours alone: the same from /proc/self/maps, where the C library does not say. */
#pragma once

#include "trk-loaded-object.h"

/* Takes in every object that is mapped.  While there is one thread. */
void trk_object_maps_fill (void);

bool trk_object_maps_find (uint64_t address, TrkLoadedObject *object);

/* What trk_loaded_object_set_files() was given. */
extern TrkLoadedObjectFiles trk_object_maps_files;
