/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-config.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "trk-format.h"

typedef struct {
  double rate;
  uint64_t interval_bytes;
  uint32_t stack_depth;
  int frequency;
} PresetValues;

static const PresetValues presets[] = {
  [MEMSCOPE_PRESET_DEFAULT] = { 1, 0, 32, 1 },
  [MEMSCOPE_PRESET_DEMO] = { 1, 0, 10, 1 },
  [MEMSCOPE_PRESET_HIGH_PRECISION] = { 1, 0, 128, 1 },
  [MEMSCOPE_PRESET_LEAK_DETECTION] = { 1, 0, 64, 0 },
  [MEMSCOPE_PRESET_PERFORMANCE_OPTIMIZED] = { 1, 524288, 16, 0 },
};

int
memscope_sampling_config_init (MemscopeSamplingConfig *config, MemscopePreset preset)
{
  if (!config || (unsigned) preset >= sizeof presets / sizeof presets[0])
    return MEMSCOPE_ERROR_ARGUMENT;

  *config = (MemscopeSamplingConfig) {
    .struct_size = sizeof *config,
    .allocation_sampling_rate = presets[preset].rate,
    .sample_interval_bytes = presets[preset].interval_bytes,
    .stack_depth = presets[preset].stack_depth,
    .enable_frequency_tracking = presets[preset].frequency,
  };
  return MEMSCOPE_OK;
}

static const char *
get_variable (const char *name)
{
  const char *value = getenv (name);

  return value && *value ? value : NULL;
}

static bool
parse_number (const char *text, uint64_t *value)
{
  uint64_t result = 0;

  if (!*text)
    return false;
  for (; *text; text++)
    {
      if (*text < '0' || *text > '9' || result > (UINT64_MAX - 9) / 10)
        return false;
      result = result * 10 + (uint64_t) (*text - '0');
    }
  *value = result;
  return true;
}

/* In whole windows.  What lies on address space at other times than the last cannot be told. */
static void
read_ring (TrkConfig *self)
{
  const char *text = get_variable ("MEMSCOPE_RING");
  uint64_t n_bytes;

  if (!text || !parse_number (text, &n_bytes) || n_bytes == 0)
    return;
  if (n_bytes < TRK_RING_MIN_BYTES)
    n_bytes = TRK_RING_MIN_BYTES;
  if (n_bytes > TRK_RING_MAX_BYTES)
    n_bytes = TRK_RING_MAX_BYTES;
  self->ring_bytes =
      (n_bytes + TRK_EVENT_WINDOW_BYTES - 1) / TRK_EVENT_WINDOW_BYTES * TRK_EVENT_WINDOW_BYTES;
  self->mappings = self->frequency = false;
}

int
trk_config_from_sampling (TrkConfig *self, const MemscopeSamplingConfig *sampling)
{
  MemscopeSamplingConfig defaults;
  const char *debug;

  memscope_sampling_config_init (&defaults, MEMSCOPE_PRESET_DEFAULT);
  if (!sampling)
    sampling = &defaults;
  else if (sampling->struct_size < sizeof defaults) /* the first version's size: nothing is older */
    return MEMSCOPE_ERROR_CONFIG;

  if (!(sampling->allocation_sampling_rate > 0 && sampling->allocation_sampling_rate <= 1)
      || sampling->stack_depth > TRK_MAX_STACK_DEPTH
      || (sampling->allocation_sampling_rate < 1 && sampling->sample_interval_bytes > 0))
    return MEMSCOPE_ERROR_CONFIG;

  memset (self, 0, sizeof *self);
  self->sampling_rate = sampling->allocation_sampling_rate;
  self->sample_interval_bytes = sampling->sample_interval_bytes;
  self->stack_depth = sampling->stack_depth;
  self->frequency = sampling->enable_frequency_tracking != 0;
  memcpy (self->thread_rule, "all", 4);
  if ((debug = get_variable ("MEMSCOPE_DEBUG")))
    self->debug = *debug != '0';
  read_ring (self);
  return MEMSCOPE_OK;
}

/* A decimal fraction without the locale, which strtod() would read. */
static bool
parse_fraction (const char *text, double *value)
{
  double result = 0, scale = 1;
  bool point = false, digits = false;

  for (; *text; text++)
    {
      if (*text == '.' && !point)
        {
          point = true;
          continue;
        }
      if (*text < '0' || *text > '9')
        return false;
      digits = true;
      result = result * 10 + (*text - '0');
      if (point)
        scale *= 10;
    }
  *value = result / scale;
  return digits;
}

void
trk_config_from_environment (TrkConfig *self)
{
  const char *text;
  uint64_t number;
  double fraction;

  trk_config_from_sampling (self, NULL);
  self->preload = self->mappings = self->sockets = true;

  if ((text = get_variable ("MEMSCOPE_SAMPLING_RATE")) && parse_fraction (text, &fraction)
      && fraction > 0 && fraction <= 1)
    self->sampling_rate = fraction;
  if ((text = get_variable ("MEMSCOPE_SAMPLE_INTERVAL")) && parse_number (text, &number)
      && self->sampling_rate >= 1)
    self->sample_interval_bytes = number;
  if ((text = get_variable ("MEMSCOPE_STACK_DEPTH")) && parse_number (text, &number)
      && number <= TRK_MAX_STACK_DEPTH)
    self->stack_depth = (uint32_t) number;
  if ((text = get_variable ("MEMSCOPE_FREQUENCY")))
    self->frequency = *text != '0';
  if ((text = get_variable ("MEMSCOPE_DORMANT")))
    self->dormant = *text == '1';
  if ((text = get_variable ("MEMSCOPE_FREE_STACKS")))
    self->free_stacks = *text != '0';
  if ((text = get_variable ("MEMSCOPE_MAPPINGS")))
    self->mappings = *text != '0';
  if ((text = get_variable ("MEMSCOPE_NET")))
    self->sockets = *text != '0';
  read_ring (self); /* which says something of mappings, too */
  if ((text = get_variable ("MEMSCOPE_LIVE")))
    self->live = *text != '0';
  if ((text = get_variable ("MEMSCOPE_SEED")))
    self->has_seed = parse_number (text, &self->seed);
  if ((text = get_variable ("MEMSCOPE_POOL_FOLDER")) && *text == '/'
      && strlen (text) < sizeof self->pool_folder)
    memcpy (self->pool_folder, text, strlen (text) + 1);
  if ((text = get_variable ("MEMSCOPE_THREADS")) && strlen (text) < sizeof self->thread_rule)
    memcpy (self->thread_rule, text, strlen (text) + 1);
}
