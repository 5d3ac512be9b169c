/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A recorded program on a private session bus.
 *
 *   dbus-daemon ◀── memscope record -o RUNTIME/recording -- TEST --busy ◀── the test's own connection
 *
 * The bus lies at a fixed address, so that it can be restarted, and lets other users in: who is refused is
 * refused by the agent.  Tests are programs that, called with --busy, --idle or --threads, are what is recorded.
 */
#pragma once

#include "ms-session-bus.h"
#include "ms-tracker-client.h"

typedef struct {
  char *runtime, *recording, *folder, *name;
  GSubprocess *daemon;
  GDBusConnection *bus;
  GSubprocess *agent;
  guint64 *progress; /* counted up by the program in each round */
  guint pid;
} Fixture;

/* In main (): becomes the program if that is what is wanted. argv[1] else: path of memscope; argv[2]: of
 * memscope-agent.  FALSE: no bus can be had here. */
gboolean fixture_begin (int *argc, char ***argv);

/* It is busy, and outlives what memscope record started. */
#define FIXTURE_ORPHAN "orphan"

/* It is busy, and of each thread the last events are kept. */
#define FIXTURE_RING "ring"

/* It is the test itself, called with this and the trace folder's path, and records itself; memscope-agent is the one
 * that its library starts, and f->agent is the program. */
#define FIXTURE_SESSION "--session"

/* @data: "--busy", "--idle", "--threads", or one of the above. */
void fixture_set_up (Fixture *f, gconstpointer data);
void fixture_tear_down (Fixture *f, gconstpointer data);

const char *fixture_get_memscope (void);
const char *fixture_get_agent (void);
GSubprocess *fixture_start_agent (Fixture *f);
void fixture_start_bus (Fixture *f);
void fixture_stop_bus (Fixture *f);
GDBusConnection *fixture_connect (Fixture *f);

/* Runs the main loop; fails the test if it takes a minute. */
void fixture_iterate_until (gboolean (*is_so) (gpointer), gpointer data);
void fixture_iterate_for (guint ms);
/* The program goes on. */
void fixture_assert_progress (Fixture *f);
guint64 fixture_resident_bytes (guint pid);

/* NULL, and the error's name, if it was refused. (transfer full) */
GVariant *fixture_call (GDBusConnection *bus,
                        Fixture *f,
                        const char *method,
                        GVariant *arguments,
                        char **refused);
void fixture_assert_accepted (Fixture *f, const char *method, GVariant *arguments);
void fixture_assert_refused (Fixture *f, const char *method, GVariant *arguments, const char *name);
/* Of the interface; fails the test if there is none. (transfer full) */
GVariant *fixture_get (Fixture *f, const char *property);
/* It is on the bus and answers. */
void fixture_wait_for_agent (Fixture *f);

MsTrackerClient *fixture_attach (Fixture *f);
