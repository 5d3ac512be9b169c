/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* For trk-loaded-object.c alone: the same from /proc/self/maps, where the C library does not say. */
#pragma once

#include "trk-loaded-object.h"

/* Takes in every object that is mapped.  While there is one thread. */
void trk_object_maps_fill (void);

bool trk_object_maps_find (uint64_t address, TrkLoadedObject *object);
