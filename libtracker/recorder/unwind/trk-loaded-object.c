/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-loaded-object.h"

#include <dlfcn.h>
#include <link.h>
#include <stdatomic.h>
#include <stddef.h>

#include "trk-object-maps.h"
#include "trk-old-glibc.h"

TRK_BIND_OLD (dlsym);

typedef int (*FindObject) (void *, struct dl_find_object *);

/* Set by the constructor; by several threads at once, all to the same, where an event comes before it. */
static _Atomic (FindObject) find_object;
static atomic_bool is_ready; /* the release that find_object is seen by */

static bool
is_set_up (void)
{
  return atomic_load_explicit (&is_ready, memory_order_acquire);
}

void
trk_loaded_object_init (void)
{
  FindObject found;

  if (is_set_up ())
    return;
  found = (FindObject) dlsym (RTLD_DEFAULT, "_dl_find_object");
  if (!found)
    trk_object_maps_fill ();
  atomic_store_explicit (&find_object, found, memory_order_relaxed);
  atomic_store_explicit (&is_ready, true, memory_order_release);
}

void
trk_loaded_object_use_own_table (void)
{
  atomic_store_explicit (&find_object, NULL, memory_order_relaxed);
  trk_object_maps_fill ();
  atomic_store_explicit (&is_ready, true, memory_order_release);
}

bool
trk_loaded_object_find (uint64_t address, TrkLoadedObject *object)
{
  struct dl_find_object found;
  FindObject ask_loader;

  if (!is_set_up ())
    trk_loaded_object_init ();
  ask_loader = atomic_load_explicit (&find_object, memory_order_relaxed);
  if (!ask_loader)
    return trk_object_maps_find (address, object);
  if (ask_loader ((void *) (uintptr_t) address, &found) != 0)
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

const char *
trk_loaded_object_find_path (uint64_t address)
{
  TrkLoadedObject object;

  return trk_object_maps_find (address, &object) && *object.path == '/' ? object.path : NULL;
}
