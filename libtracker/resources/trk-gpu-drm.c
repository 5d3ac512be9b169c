/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-gpu-drm.h"

#include <stdio.h>
#include <string.h>

/* --- a process's use -------------------------------------------------------------------------------- */

typedef struct {
  char address[24];
  uint64_t client;
} Client;

/* One client's figures, before it is known which GPU it is of. */
typedef struct {
  TrkDrmUse use;
  uint64_t client;
} Info;

static void
add_figure (TrkDrmFigure *figures, uint32_t *n, uint32_t most, const char *name, uint64_t value)
{
  uint32_t i;

  for (i = 0; i < *n && strcmp (figures[i].name, name) != 0; i++)
    ;
  if (i == most)
    return;
  if (i == *n)
    {
      memset (&figures[i], 0, sizeof figures[i]);
      memcpy (figures[i].name, name, strlen (name) + 1);
      ++*n;
    }
  figures[i].value =
      value > TRK_UNKNOWN - 1 - figures[i].value ? TRK_UNKNOWN - 1 : figures[i].value + value;
}

/* "vram: 20480 KiB" behind the prefix. */
static bool
parse_figure (TrkTextSpan line, char name[24], uint64_t *value)
{
  const char *colon = memchr (line.at, ':', (size_t) (line.end - line.at));
  uint64_t scale = 1;

  if (!colon || colon - line.at >= 24)
    return false;
  trk_text_copy ((TrkTextSpan) { line.at, colon }, name, 24);
  line.at = colon + 1;
  if (!trk_text_number (&line, value))
    return false;
  trk_text_skip_blanks (&line);
  if (trk_text_skip (&line, "KiB"))
    scale = 1U << 10;
  else if (trk_text_skip (&line, "MiB"))
    scale = 1U << 20;
  if (*value > (TRK_UNKNOWN - 1) / scale)
    return false;
  *value *= scale;
  return true;
}

static void
parse_word (TrkTextSpan line, char *to, size_t size)
{
  TrkTextSpan word;

  if (trk_text_word (&line, &word))
    trk_text_copy (word, to, size);
}

/* drm-memory-<region> is the older name of drm-resident-<region>; a driver may print both. */
static bool
parse_info (TrkTextSpan text, Info *info)
{
  bool has_client = false, has_resident = false;
  TrkTextSpan line;
  char name[24];
  uint64_t value;

  memset (info, 0, sizeof *info);
  while (trk_text_line (&text, &line))
    {
      if (trk_text_skip (&line, "drm-driver:"))
        parse_word (line, info->use.driver, sizeof info->use.driver);
      else if (trk_text_skip (&line, "drm-pdev:"))
        parse_word (line, info->use.address, sizeof info->use.address);
      else if (trk_text_skip (&line, "drm-client-id:"))
        has_client = trk_text_number (&line, &info->client);
      else if (trk_text_skip (&line, "drm-engine-capacity-"))
        continue;
      else if (trk_text_skip (&line, "drm-engine-") && parse_figure (line, name, &value))
        add_figure (info->use.engines_ns, &info->use.n_engines, TRK_MAX_DRM_ENGINES, name, value);
      else if (trk_text_skip (&line, "drm-resident-") && parse_figure (line, name, &value))
        {
          if (!has_resident)
            info->use.n_regions = 0;
          has_resident = true;
          add_figure (info->use.regions_bytes, &info->use.n_regions, TRK_MAX_DRM_REGIONS, name,
                      value);
        }
      else if (!has_resident && trk_text_skip (&line, "drm-memory-")
               && parse_figure (line, name, &value))
        add_figure (info->use.regions_bytes, &info->use.n_regions, TRK_MAX_DRM_REGIONS, name,
                    value);
    }
  return info->use.driver[0] != '\0' && has_client;
}

static void
add_use (TrkDrmProcess *figures, const TrkDrmUse *use)
{
  TrkDrmUse *sum;
  uint32_t i;

  for (i = 0; i < figures->n_uses && strcmp (figures->uses[i].address, use->address) != 0; i++)
    ;
  if (i == TRK_MAX_DRM_CARDS)
    return;
  sum = &figures->uses[i];
  if (i == figures->n_uses)
    {
      figures->n_uses++;
      memset (sum, 0, sizeof *sum);
      memcpy (sum->driver, use->driver, sizeof sum->driver);
      memcpy (sum->address, use->address, sizeof sum->address);
    }
  for (uint32_t j = 0; j < use->n_engines; j++)
    add_figure (sum->engines_ns, &sum->n_engines, TRK_MAX_DRM_ENGINES, use->engines_ns[j].name,
                use->engines_ns[j].value);
  for (uint32_t j = 0; j < use->n_regions; j++)
    add_figure (sum->regions_bytes, &sum->n_regions, TRK_MAX_DRM_REGIONS,
                use->regions_bytes[j].name, use->regions_bytes[j].value);
}

void
trk_drm_process_read (TrkReader *reader,
                      int32_t pid,
                      const TrkOpenFiles *descriptors,
                      TrkDrmProcess *figures)
{
  Client seen[TRK_MAX_GPU_DESCRIPTORS];
  uint32_t n_seen = 0;

  figures->n_uses = 0;
  figures->time_ns = trk_reader_now_ns ();
  figures->reason = descriptors->reason;
  for (uint32_t i = 0; i < descriptors->n_gpu; i++)
    {
      char path[TRK_READER_PATH_BYTES];
      TrkTextSpan text;
      uint32_t j;
      Info info;

      snprintf (path, sizeof path, "proc/%d/fdinfo/%d", pid, descriptors->gpu_descriptors[i]);
      if (trk_reader_read (reader, -1, path, &text) != TRK_REASON_NONE || !parse_info (text, &info))
        continue;
      for (j = 0; j < n_seen; j++)
        if (seen[j].client == info.client && strcmp (seen[j].address, info.use.address) == 0)
          break;
      if (j < n_seen)
        continue;
      seen[n_seen].client = info.client;
      memcpy (seen[n_seen++].address, info.use.address, sizeof seen[0].address);
      add_use (figures, &info.use);
    }
  if (figures->reason == TRK_REASON_NONE && figures->n_uses == 0)
    figures->reason = TRK_REASON_NOT_HERE;
}

/* --- cards ------------------------------------------------------------------------------------------ */

static TrkReason
read_number (TrkReader *reader, uint32_t card, const char *leaf, uint64_t *value)
{
  char path[TRK_READER_PATH_BYTES];
  TrkTextSpan text;
  TrkReason reason;

  snprintf (path, sizeof path, "sys/class/drm/card%u/device/%s", card, leaf);
  reason = trk_reader_read (reader, -1, path, &text);
  *value = TRK_UNKNOWN;
  if (reason == TRK_REASON_NONE && !trk_text_number (&text, value))
    reason = TRK_REASON_MALFORMED;
  return reason;
}

void
trk_drm_cards_read (TrkReader *reader, TrkDrmCards *figures)
{
  figures->n_cards = 0;
  figures->time_ns = trk_reader_now_ns ();
  for (uint32_t i = 0; i < TRK_MAX_DRM_CARDS; i++)
    {
      TrkDrmCard card = { .card = i };

      card.busy_reason = read_number (reader, i, "gpu_busy_percent", &card.busy_percent);
      if (card.busy_reason == TRK_REASON_NONE && card.busy_percent > 100)
        card.busy_reason = TRK_REASON_MALFORMED;
      card.memory_reason = read_number (reader, i, "mem_info_vram_used", &card.memory_used_bytes);
      if (card.memory_reason == TRK_REASON_NONE)
        card.memory_reason =
            read_number (reader, i, "mem_info_vram_total", &card.memory_total_bytes);
      if (card.busy_reason != TRK_REASON_NOT_HERE || card.memory_reason != TRK_REASON_NOT_HERE)
        figures->cards[figures->n_cards++] = card;
    }
  figures->reason = figures->n_cards > 0 ? TRK_REASON_NONE : TRK_REASON_NOT_HERE;
}
