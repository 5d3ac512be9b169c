/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-display-units.h"
#include "ms-figures.h"

struct _MsDisplayUnits {
  GObject parent_instance;
};

G_DEFINE_FINAL_TYPE (MsDisplayUnits, ms_display_units, G_TYPE_OBJECT)

enum { PROP_0, PROP_MEMORY, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

/* The choices of the key "units". */
static const char *const NAMES[MS_N_BYTE_UNITS] = {
  [MS_BYTE_UNITS_DECIMAL] = "decimal",
  [MS_BYTE_UNITS_BINARY] = "binary",
};

static void
ms_display_units_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_assert (id == PROP_MEMORY);
  g_value_set_static_string (value, NAMES[ms_figures_get_byte_units ()]);
}

static void
ms_display_units_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MsByteUnits units = g_strcmp0 (g_value_get_string (value), NAMES[MS_BYTE_UNITS_BINARY]) == 0
                          ? MS_BYTE_UNITS_BINARY
                          : MS_BYTE_UNITS_DECIMAL;

  g_assert (id == PROP_MEMORY);
  if (units == ms_figures_get_byte_units ())
    return;
  ms_figures_set_byte_units (units);
  g_object_notify_by_pspec (object, pspec);
}

static void
ms_display_units_class_init (MsDisplayUnitsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ms_display_units_get_property;
  object_class->set_property = ms_display_units_set_property;
  properties[PROP_MEMORY] =
      g_param_spec_string ("memory", NULL, NULL, NAMES[MS_BYTE_UNITS_DECIMAL],
                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
ms_display_units_init (MsDisplayUnits *self)
{
}

MsDisplayUnits *
ms_display_units_get_default (void)
{
  static MsDisplayUnits *units;

  if (units == NULL)
    units = g_object_new (MS_TYPE_DISPLAY_UNITS, NULL);
  return units;
}

void
ms_display_units_watch (gpointer object, GCallback changed)
{
  g_return_if_fail (G_IS_OBJECT (object));

  g_signal_connect_object (ms_display_units_get_default (), "notify::memory", changed, object,
                           G_CONNECT_SWAPPED);
}
