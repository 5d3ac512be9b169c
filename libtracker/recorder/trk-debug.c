/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-debug.h"

#include <string.h>

#include "trk-control.h"
#include "trk-process.h"
#include "trk-system.h"
#include "trk-text.h"

/* A thread's stack may be small, and a line's place is on it only in the functions that write one. */
#define LINE_BYTES 1400
#define COLD __attribute__ ((noinline, cold))

static void
begin_line (TrkText *line, char *buffer, size_t n_bytes)
{
  trk_text_begin (line, buffer, n_bytes - 1);
  trk_text_add (line, "memscope: ");
  trk_text_add_number (line, (uint64_t) trk_process.pid);
  trk_text_add (line, ": ");
}

static void
end_line (TrkText *line)
{
  line->buffer[line->length++] = '\n';
  (void) trk_system_write_all (2, line->buffer, line->length);
}

static void
add_printable (TrkText *line, const char *text)
{
  trk_text_add (line, "\"");
  for (; *text; text++)
    {
      char byte = *text >= ' ' && *text <= '~' ? *text : '?';

      trk_text_add_bytes (line, &byte, 1);
    }
  trk_text_add (line, "\"");
}

static void
add_thread (TrkText *line, uint32_t id, int32_t tid, const char *name)
{
  trk_text_add (line, "thread ");
  trk_text_add_number (line, id);
  trk_text_add (line, " (tid ");
  trk_text_add_number (line, (uint64_t) tid);
  trk_text_add (line, ", ");
  add_printable (line, name);
  trk_text_add (line, "): ");
}

COLD static void
tell_start (void)
{
  const TrkConfig *config = &trk_process.config;
  char buffer[TRK_PATH_BYTES + LINE_BYTES];
  TrkText line;

  begin_line (&line, buffer, sizeof buffer);
  trk_text_add (&line, "records into ");
  trk_text_add (&line, trk_process.folder);
  trk_text_add (&line, config->preload ? ": threads " : ", what is declared: threads ");
  add_printable (&line, config->thread_rule);
  trk_text_add (&line, ", stacks of ");
  trk_text_add_number (&line, config->stack_depth);
  trk_text_add (&line, " frames");
  if (config->sampling_rate < 1 || config->sample_interval_bytes)
    trk_text_add (&line, ", sampled");
  if (config->free_stacks)
    trk_text_add (&line, ", stacks of frees");
  trk_text_add (&line, config->mappings ? ", mappings" : ", no mappings");
  trk_text_add (&line, config->sockets ? ", bytes on sockets" : ", no bytes on sockets");
  if (trk_process.forked)
    trk_text_add (&line, ", a forked child");
  end_line (&line);
}

static void
add_reason (TrkText *line, const TrkThread *thread, uint64_t start_routine)
{
  const TrkChoice *choice = atomic_load (&trk_control.choice);
  const char *term;

  if (!trk_process.config.preload)
    trk_text_add (line, "takes part by what it declares");
  else if (!choice || !choice->is_on)
    trk_text_add (line, "not tracked, as recording is off");
  else if ((term = trk_rule_find (&choice->rule, thread->id, thread->tid, thread->name,
                                  start_routine)))
    {
      trk_text_add (line, "tracked, by ");
      add_printable (line, term);
    }
  else
    {
      trk_text_add (line, "not tracked, as nothing in ");
      add_printable (line, choice->text);
      trk_text_add (line, " fits it");
    }
}

COLD static void
tell_decision (const TrkThread *thread, uint64_t start_routine)
{
  char buffer[LINE_BYTES];
  TrkText line;

  begin_line (&line, buffer, sizeof buffer);
  add_thread (&line, thread->id, thread->tid, thread->name);
  add_reason (&line, thread, start_routine);
  end_line (&line);
}

COLD static void
tell_thread (uint32_t id, const char *what)
{
  char buffer[LINE_BYTES], name[16];
  TrkText line;

  trk_system_get_thread_name (name);
  begin_line (&line, buffer, sizeof buffer);
  add_thread (&line, id, trk_system_get_tid (), name);
  trk_text_add (&line, what);
  end_line (&line);
}

void
trk_debug_start (void)
{
  if (trk_process.config.debug)
    tell_start ();
}

void
trk_debug_decision (const TrkThread *thread, uint64_t start_routine)
{
  if (trk_process.config.debug)
    tell_decision (thread, start_routine);
}

void
trk_debug_thread (uint32_t id, const char *what)
{
  if (trk_process.config.debug)
    tell_thread (id, what);
}
