/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-loaded-object.h"

#include <dlfcn.h>
#include <link.h>
#include <stddef.h>

#include "trk-object-maps.h"
#include "trk-old-glibc.h"

TRK_BIND_OLD (dlsym);

typedef int (*FindObject) (void *, struct dl_find_object *);

static FindObject find_object;
static bool is_ready;

void
trk_loaded_object_init (void)
{
  if (is_ready)
    return;
  find_object = (FindObject) dlsym (RTLD_DEFAULT, "_dl_find_object");
  if (!find_object)
    trk_object_maps_fill ();
  is_ready = true;
}

void
trk_loaded_object_use_own_table (void)
{
  find_object = NULL;
  trk_object_maps_fill ();
  is_ready = true;
}

bool
trk_loaded_object_find (uint64_t address, TrkLoadedObject *object)
{
  struct dl_find_object found;

  if (!is_ready)
    trk_loaded_object_init ();
  if (!find_object)
    return trk_object_maps_find (address, object);
  if (find_object ((void *) (uintptr_t) address, &found) != 0)
    return false;
  *object = (TrkLoadedObject) {
    .start = (uint64_t) (uintptr_t) found.dlfo_map_start,
    .end = (uint64_t) (uintptr_t) found.dlfo_map_end,
    .bias = (uint64_t) found.dlfo_link_map->l_addr,
    .eh_frame_hdr = (uint64_t) (uintptr_t) found.dlfo_eh_frame,
    .path = found.dlfo_link_map->l_name ? found.dlfo_link_map->l_name : "",
  };
  return true;
}
