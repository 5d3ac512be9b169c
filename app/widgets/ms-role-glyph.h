/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A role's icon as a widget: the same drawing as on the cards. */
#pragma once

#include <gtk/gtk.h>
#include "ms-roles.h"

G_BEGIN_DECLS

#define MS_TYPE_ROLE_GLYPH (ms_role_glyph_get_type ())
G_DECLARE_FINAL_TYPE (MsRoleGlyph, ms_role_glyph, MS, ROLE_GLYPH, GtkWidget)

GtkWidget *ms_role_glyph_new (MsRole role);
void ms_role_glyph_set_role (MsRoleGlyph *self, MsRole role);

G_END_DECLS
