/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-preferences.h"
#include "ms-display-units.h"
#include "ms-symbolizer.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static char *
dup_key (const MsAnalysisSetting *setting)
{
  return g_strdelimit (g_strdup (setting->name), "_", '-');
}

static const MsAnalysisSetting *
find_threshold (const char *key)
{
  guint n;
  const MsAnalysisSetting *list = ms_analysis_settings_list (&n);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *other = dup_key (&list[i]);

      if (g_str_equal (other, key))
        return &list[i];
    }
  return NULL;
}

static const char *
get_title (const char *key)
{
  return _ (find_threshold (key)->summary);
}

/* By the titles that stand beside the figures.  A row holds no figure out of its range; of what a settings file may
 * hold, @wrong says which. */
static char *
describe_problem (const MsAnalysisSettings *analysis, const char *wrong)
{
  /* Translators: the titles of two thresholds. */
  const char *format = _ ("“%s” must not be more than “%s”");

  if (analysis->alert_medium_bytes > analysis->alert_high_bytes)
    return g_strdup_printf (format, get_title ("alert-medium-bytes"),
                            get_title ("alert-high-bytes"));
  if (analysis->alert_medium_cpu_percent > analysis->alert_high_cpu_percent)
    return g_strdup_printf (format, get_title ("alert-medium-cpu-percent"),
                            get_title ("alert-high-cpu-percent"));
  if (analysis->score_memory_weight + analysis->score_return_weight + analysis->score_cpu_weight
      <= 0)
    return g_strdup (_ ("one weight of the thread score must be above 0"));
  return g_strdup (wrong);
}

void
ms_preferences_read (GSettings *settings, MsAnalysisSettings *analysis, char **problem)
{
  guint n;
  const MsAnalysisSetting *list = ms_analysis_settings_list (&n);

  if (problem != NULL)
    *problem = NULL;
  ms_analysis_settings_init (analysis);
  for (guint i = 0; settings != NULL && i < n; i++)
    {
      g_autofree char *key = dup_key (&list[i]);

      ms_analysis_settings_set (analysis, list[i].name, g_settings_get_double (settings, key));
    }

  g_autofree char *wrong = ms_analysis_settings_check (analysis);
  if (wrong == NULL)
    return;
  if (problem != NULL)
    *problem = describe_problem (analysis, wrong);
  ms_analysis_settings_init (analysis);
}

/* Of several windows with the same settings the last binding takes the place of the one before. */
void
ms_preferences_follow_units (GSettings *settings)
{
  g_settings_bind (settings, MS_PREFERENCES_UNITS, ms_display_units_get_default (), "memory",
                   G_SETTINGS_BIND_GET);
}

/* The user's folders first, then what the command line asks; NULL for the latter alone. */
static MsNameResolver *
new_resolver (GSettings *settings)
{
  g_auto (GStrv) paths =
      settings != NULL ? g_settings_get_strv (settings, MS_PREFERENCES_SYMBOL_PATHS) : NULL;
  const char *debug_path = g_getenv ("MEMSCOPE_DEBUG_PATH");
  g_auto (GStrv) others = debug_path != NULL ? g_strsplit (debug_path, ":", -1) : NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  guint n = 0;

  for (char **path = paths; path != NULL && *path != NULL; path++)
    if (g_path_is_absolute (*path))
      {
        g_strv_builder_add (builder, *path);
        n++;
      }
  if (n == 0)
    return NULL;
  for (char **path = others; path != NULL && *path != NULL; path++)
    if (**path != '\0')
      g_strv_builder_add (builder, *path);

  /* Without a cache: what it holds was found in other folders. */
  g_auto (GStrv) folders = g_strv_builder_end (builder);
  return MS_NAME_RESOLVER (ms_symbolizer_new_with_folders ((const char *const *) folders, NULL));
}

MsLens *
ms_preferences_new_lens (GSettings *settings, MsDocument *document, MsFocus *focus)
{
  g_autoptr (MsNameResolver) resolver = new_resolver (settings);
  MsAnalysisSettings analysis;

  ms_preferences_read (settings, &analysis, NULL);
  return ms_lens_new (document, focus, resolver, &analysis);
}

void
ms_preferences_apply (GSettings *settings, const char *key, MsLens *lens)
{
  MsAnalysisSettings analysis;

  if (find_threshold (key) == NULL)
    return;
  ms_preferences_read (settings, &analysis, NULL);
  ms_lens_set_settings (lens, &analysis);
}
