/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-module-shades.h"

#define RGB(hex) \
  { \
    ((hex) >> 16 & 0xff) / 255.0, ((hex) >> 8 & 0xff) / 255.0, ((hex) &0xff) / 255.0, 1.0 \
  }

/* Neighbours in rank are far apart in lightness: the two heaviest modules meet most often. */
static const MsColor LIGHT[MS_N_MODULE_SHADES] = { RGB (0xd3dbe7), RGB (0xa3b4cc), RGB (0xe9edf3),
                                                   RGB (0x8a9fbd), RGB (0xbccadb), RGB (0xe3e2e0) };
static const MsColor DARK[MS_N_MODULE_SHADES] = { RGB (0x4b5a72), RGB (0x64769a), RGB (0x3d4757),
                                                  RGB (0x2c3442), RGB (0x566784), RGB (0x4c4a48) };

typedef struct {
  const char *module;
  double area;
} Area;

static int
compare_areas (gconstpointer a, gconstpointer b)
{
  const Area *x = a, *y = b;

  if (x->area < y->area || x->area > y->area)
    return x->area > y->area ? -1 : 1;
  return g_strcmp0 (x->module, y->module);
}

/* (element-type Area), largest first, without code of no file. */
static GArray *
rank_modules (MsCallTree *tree, guint column)
{
  MsFrameNames *names = ms_call_tree_get_names (tree);
  g_autoptr (GHashTable) places = g_hash_table_new (g_str_hash, g_str_equal);
  GArray *areas = g_array_new (FALSE, FALSE, sizeof (Area));

  for (guint i = 0; i < ms_call_tree_get_n_nodes (tree); i++)
    {
      guint function = ms_call_tree_get_node (tree, i)->function;
      const char *module = function < MS_FUNCTION_OTHERS
                               ? ms_frame_names_get_function (names, function)->module
                               : NULL;
      Area area = { .module = module };

      if (module == NULL)
        continue;
      guint place = GPOINTER_TO_UINT (g_hash_table_lookup (places, module));
      if (place == 0)
        {
          g_array_append_val (areas, area);
          place = areas->len;
          g_hash_table_insert (places, (gpointer) module, GUINT_TO_POINTER (place));
        }
      g_array_index (areas, Area, place - 1).area +=
          (double) ms_call_tree_get_total (tree, i, column);
    }
  g_array_sort (areas, compare_areas);
  return areas;
}

void
ms_module_shades_init (MsModuleShades *self, MsCallTree *tree, guint column)
{
  MsFrameNames *names = ms_call_tree_get_names (tree);
  guint n_functions = ms_frame_names_get_n_functions (names);
  g_autoptr (GArray) areas = rank_modules (tree, column);
  g_autoptr (GHashTable) shades = g_hash_table_new (g_str_hash, g_str_equal);

  *self = (MsModuleShades) { .of_function = g_new (guint8, n_functions + 1) };
  for (guint i = 0; i < areas->len; i++)
    {
      const char *module = g_array_index (areas, Area, i).module;

      if (i >= MS_SHADE_OTHERS)
        {
          self->n_others++;
          self->modules[MS_SHADE_OTHERS] = self->n_others == 1 ? module : NULL;
          continue;
        }
      self->modules[i] = module;
      g_hash_table_insert (shades, (gpointer) module, GUINT_TO_POINTER (i + 1));
    }
  for (guint f = 0; f < n_functions; f++)
    {
      const char *module = ms_frame_names_get_function (names, f)->module;
      guint shade = module != NULL ? GPOINTER_TO_UINT (g_hash_table_lookup (shades, module)) : 0;

      self->of_function[f] = (guint8) (shade > 0 ? shade - 1 : MS_SHADE_OTHERS);
    }
}

void
ms_module_shades_clear (MsModuleShades *self)
{
  g_clear_pointer (&self->of_function, g_free);
}

MsColor
ms_module_shade_get_color (guint shade, const MsPalette *palette)
{
  g_return_val_if_fail (shade < MS_N_MODULE_SHADES, palette->surface);

  return palette->dark ? DARK[shade] : LIGHT[shade];
}

MsColor
ms_color_get_ink (MsColor ground)
{
  static const MsColor BLACK = RGB (0x1e1e1e), WHITE = RGB (0xffffff);

  return ms_color_contrast (BLACK, ground) >= ms_color_contrast (WHITE, ground) ? BLACK : WHITE;
}
