/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What one card shows, as an object that owns its strings and its series.  Immutable. */
#pragma once

#include <glib-object.h>
#include "ms-card-layout.h"

G_BEGIN_DECLS

#define MS_TYPE_CARD_ITEM (ms_card_item_get_type ())
G_DECLARE_FINAL_TYPE (MsCardItem, ms_card_item, MS, CARD_ITEM, GObject)

/* @data: name and series are copied. */
MsCardItem *ms_card_item_new (const MsCardData *data);
const MsCardData *ms_card_item_get_data (MsCardItem *self);

/* Whether both hold the same items in the same order; neither does if there are none.  NULL: none. */
gboolean ms_card_items_are_same (GPtrArray *items, GPtrArray *others);

G_END_DECLS
