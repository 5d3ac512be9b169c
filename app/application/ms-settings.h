/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The application's settings, or NULL where its schema is not installed: g_settings_new() would end
 * the program, and an uninstalled one works with the defaults. (transfer full) (nullable) */
GSettings *ms_settings_new (void);

G_END_DECLS
