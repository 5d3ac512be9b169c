/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Saying to a running process what is to be recorded of it, through the control page in its trace folder.
 *
 *   MsControl control;
 *   ms_control_read (folder, &control, &error);     what is in force
 *   g_strlcpy (control.rule, "worker-*", sizeof control.rule);
 *   ms_control_change (folder, &control, timeout_ms, &error);
 *
 * The process notices at its next allocation, which is recorded as before.  It checks what is wanted and may
 * refuse it.  Any number of processes may do this at once; the last one has its way.
 *
 * The page may have been written by anybody who may write to the folder: it is read and written, never mapped,
 * so that nobody ends us by cutting it short, and nothing in it is believed.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define MS_CONTROL_RULE_BYTES 1024

typedef struct {
  gboolean is_on;                   /* FALSE: no thread is recorded, whatever the rule says */
  char rule[MS_CONTROL_RULE_BYTES]; /* as of memscope record --threads; valid UTF-8 */
  double sampling_rate;             /* above 0, at most 1 */
  guint64 sample_interval_bytes;    /* 0: none; only with a rate of 1 */
  gboolean is_pending;              /* read: the process has not noticed yet */
} MsControl;

/* What was said last, whether the process has noticed it or not.  FALSE with G_IO_ERROR_NOT_FOUND where
 * there is no page: the process has ended, or cannot be controlled. */
gboolean ms_control_read (const char *folder, MsControl *control, GError **error);
gboolean ms_control_read_at (int dir_fd, MsControl *control, GError **error);
/* The same for who looks now and then and waits for nobody.  FALSE: it cannot be read just now. */
gboolean ms_control_peek_at (int dir_fd, MsControl *control);
gboolean ms_control_is_same (const MsControl *a, const MsControl *b);

/* Writes the page and waits up to @timeout_ms for the process to say what came of it; 0: does not wait.
 * FALSE with G_IO_ERROR_INVALID_ARGUMENT if the process refused it (and goes on as before),
 * G_IO_ERROR_TIMED_OUT if it has not noticed yet (it will when it next allocates), or another of G_IO_ERROR
 * if the page cannot be written. */
gboolean ms_control_change (const char *folder,
                            const MsControl *control,
                            guint timeout_ms,
                            GError **error);

/* The same for who does not wait: writes the page, and gives what to ask for. */
gboolean ms_control_write_at (int dir_fd,
                              const MsControl *control,
                              guint32 *generation,
                              GError **error);
/* After a refusal: says @before again, unless somebody has said something else since @generation. */
void ms_control_restore_at (int dir_fd, guint32 generation, const MsControl *before);
/* FALSE with G_IO_ERROR_PENDING while the process has not noticed; else as ms_control_change(). */
gboolean ms_control_get_answer_at (int dir_fd, guint32 generation, GError **error);

G_END_DECLS
