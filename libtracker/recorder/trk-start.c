/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-start.h"

#include "trk-gate.h"
#include "trk-process.h"
#include "trk-system.h"

static bool
is_forked_child (void)
{
  return trk_gate_get () == 0 && atomic_load (&trk_process.phase) == TRK_STATE_RECORDING
         && trk_process.pid != trk_system_get_pid ();
}

/* Threads may all make their first call at once: one of them starts the process's recording, the
 * others wait for it here, as they would for any library's initialisation. */
static uint32_t
wait_for_phase (void)
{
  uint32_t phase;

  while ((phase = atomic_load (&trk_process.phase)) == TRK_STATE_STARTING)
    if (!trk_process_lost_its_starter ())
      trk_system_yield ();
  return phase;
}

int
trk_start_process (const char *output_dir, const MemscopeSamplingConfig *config)
{
  TrkConfig checked;
  int result = trk_config_from_sampling (&checked, config);

  if (result != MEMSCOPE_OK)
    return result;
  if (is_forked_child ())
    trk_process_after_fork ();

  while (wait_for_phase () == TRK_STATE_UNSTARTED)
    {
      if (!output_dir || !*output_dir)
        return MEMSCOPE_ERROR_ARGUMENT;
      result = trk_process_start_explicit (output_dir, config);
      if (result != MEMSCOPE_ERROR_ALREADY)
        return result;
    }
  if (wait_for_phase () != TRK_STATE_RECORDING)
    return MEMSCOPE_ERROR_OUTPUT;
  /* Frees must find what other threads kept, so that one draw holds for all. */
  if (config && !trk_process.config.preload
      && (checked.sampling_rate != trk_process.config.sampling_rate
          || checked.sample_interval_bytes != trk_process.config.sample_interval_bytes))
    return MEMSCOPE_ERROR_CONFIG;
  if (output_dir && !trk_process.config.preload && !trk_process_is_folder (output_dir))
    return MEMSCOPE_ERROR_OTHER_OUTPUT;
  return MEMSCOPE_OK;
}
