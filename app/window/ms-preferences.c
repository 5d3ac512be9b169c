/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-preferences.h"
#include "ms-symbolizer.h"

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

void
ms_preferences_read (GSettings *settings, MsAnalysisSettings *analysis, char **problem)
{
  guint n;
  const MsAnalysisSetting *list = ms_analysis_settings_list (&n);

  ms_analysis_settings_init (analysis);
  for (guint i = 0; settings != NULL && i < n; i++)
    {
      g_autofree char *key = dup_key (&list[i]);

      ms_analysis_settings_set (analysis, list[i].name, g_settings_get_double (settings, key));
    }

  g_autofree char *wrong = ms_analysis_settings_check (analysis);
  if (wrong != NULL)
    ms_analysis_settings_init (analysis);
  if (problem != NULL)
    *problem = g_steal_pointer (&wrong);
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
