/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-card-item.h"

#include <string.h>

struct _MsCardItem {
  GObject parent_instance;

  MsCardData data;
  char *name;
  guint64 *live;
  double *cpu;
};

G_DEFINE_FINAL_TYPE (MsCardItem, ms_card_item, G_TYPE_OBJECT)

static void
ms_card_item_finalize (GObject *object)
{
  MsCardItem *self = MS_CARD_ITEM (object);

  g_free (self->name);
  g_free (self->live);
  g_free (self->cpu);
  G_OBJECT_CLASS (ms_card_item_parent_class)->finalize (object);
}

static void
ms_card_item_class_init (MsCardItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ms_card_item_finalize;
}

static void
ms_card_item_init (MsCardItem *self)
{
}

MsCardItem *
ms_card_item_new (const MsCardData *data)
{
  MsCardItem *self = g_object_new (MS_TYPE_CARD_ITEM, NULL);

  self->data = *data;
  self->data.name = self->name = g_strdup (data->name);
  self->data.live = self->live = g_memdup2 (data->live, data->n_live * sizeof *data->live);
  self->data.cpu = self->cpu = g_memdup2 (data->cpu, data->n_cpu * sizeof *data->cpu);
  return self;
}

const MsCardData *
ms_card_item_get_data (MsCardItem *self)
{
  return &self->data;
}

gboolean
ms_card_items_are_same (GPtrArray *items, GPtrArray *others)
{
  if (items == NULL || others == NULL || items->len != others->len || items->len == 0)
    return FALSE;
  return memcmp (items->pdata, others->pdata, items->len * sizeof *items->pdata) == 0;
}
