/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which shade of grey the functions of a module have in a flame graph: one neutral ramp, for a colour says
 * nothing here that its legend does not.  The modules with most of the picture have a shade each; all
 * others, and code of no file, share the last.
 */
#pragma once

#include "ms-call-tree.h"
#include "ms-palette.h"

G_BEGIN_DECLS

#define MS_N_MODULE_SHADES 6
#define MS_SHADE_OTHERS (MS_N_MODULE_SHADES - 1)

typedef struct {
  guint8 *of_function; /* owned: by number of function */
  /* By shade; NULL: nothing has it.  Those of the names; at MS_SHADE_OTHERS the module if it is only one,
   * else NULL. */
  const char *modules[MS_N_MODULE_SHADES];
  guint n_others; /* modules in the last */
} MsModuleShades;

/* By the area that modules have in the picture of @tree. */
void ms_module_shades_init (MsModuleShades *self, MsCallTree *tree, guint column);
void ms_module_shades_clear (MsModuleShades *self);

/* Opaque. */
MsColor ms_module_shade_get_color (guint shade, const MsPalette *palette);
/* Black or white, whichever is read better on opaque @ground: 4.5:1 or more. */
MsColor ms_color_get_ink (MsColor ground);

G_END_DECLS
