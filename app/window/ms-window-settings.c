/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is changed in Preferences is seen at once in each window that is open. */
#include "ms-preferences.h"
#include "ms-window-private.h"

static void
settings_changed_cb (MsWindow *self, const char *key)
{
  if (self->lens == NULL)
    return;
  if (g_str_equal (key, MS_PREFERENCES_SYMBOL_PATHS))
    {
      g_autoptr (MsLens) lens =
          ms_preferences_new_lens (self->settings, self->document, self->focus);

      ms_window_set_lens (self, lens);
    }
  ms_preferences_apply (self->settings, key, self->lens);
  if (self->feed != NULL)
    ms_feed_set_settings (self->feed, ms_lens_get_settings (self->lens));
}

void
ms_window_follow_settings (MsWindow *self)
{
  if (self->settings == NULL)
    return;
  ms_preferences_follow_units (self->settings);
  g_signal_connect_object (self->settings, "changed", G_CALLBACK (settings_changed_cb), self,
                           G_CONNECT_SWAPPED);
}
