/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A thread waits for the signal, which all others block: so that what answers may lock and allocate,
 * which a signal handler must not. */
#include "ms-interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "memscope-commands.h"

static GCancellable *cancellable;

static gpointer
wait_for_signal (gpointer data)
{
  const struct timespec patience = { .tv_sec = 1 };
  sigset_t set;
  int number;

  sigemptyset (&set);
  sigaddset (&set, SIGINT);
  while (sigwait (&set, &number) != 0)
    ;
  g_cancellable_cancel (cancellable);
  sigtimedwait (&set, NULL, &patience);
  /* The command is still there; its progress line may be as well. */
  if (isatty (STDERR_FILENO))
    fputs ("\r\033[K", stderr);
  _exit (MS_EXIT_INTERRUPTED);
  return data;
}

void
ms_interrupt_begin (void)
{
  struct sigaction action;
  sigset_t set;

  if (cancellable != NULL || sigaction (SIGINT, NULL, &action) != 0 || action.sa_handler == SIG_IGN)
    return;
  sigemptyset (&set);
  sigaddset (&set, SIGINT);
  pthread_sigmask (SIG_BLOCK, &set, NULL);
  cancellable = g_cancellable_new ();
  g_thread_unref (g_thread_new ("interrupt", wait_for_signal, NULL));
}

GCancellable *
ms_interrupt_get_cancellable (void)
{
  return cancellable;
}

int
ms_interrupt_status (int status)
{
  return g_cancellable_is_cancelled (cancellable) ? MS_EXIT_INTERRUPTED : status;
}
