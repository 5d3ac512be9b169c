/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A toggle that lets the threads of one role through: its icon, its word, how many there are. */
#pragma once

#include <gtk/gtk.h>
#include "ms-roles.h"

G_BEGIN_DECLS

#define MS_TYPE_ROLE_CHIP (ms_role_chip_get_type ())
G_DECLARE_FINAL_TYPE (MsRoleChip, ms_role_chip, MS, ROLE_CHIP, GtkToggleButton)

GtkWidget *ms_role_chip_new (MsRole role);
MsRole ms_role_chip_get_role (MsRoleChip *self);
void ms_role_chip_set_count (MsRoleChip *self, guint n_threads);

G_END_DECLS
