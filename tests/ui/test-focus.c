/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is focused, and the arithmetic of the motion towards it. */
#include "ms-focus-motion.h"
#include "ms-focus.h"

static void
count_cb (MsFocus *focus, guint *n_changes)
{
  (*n_changes)++;
}

static void
test_focus (void)
{
  MsFocus *focus = ms_focus_new ();
  guint n_changes = 0, id = 99, stack;
  gint64 start, end;

  g_signal_connect (focus, "changed", G_CALLBACK (count_cb), &n_changes);
  g_assert_false (ms_focus_get_thread (focus, &id));
  g_assert_cmpuint (id, ==, 99);

  /* Thread 0 is a thread like any other. */
  ms_focus_set_thread (focus, 0);
  g_assert_true (ms_focus_get_thread (focus, &id));
  g_assert_cmpuint (id, ==, 0);
  ms_focus_set_thread (focus, 0);
  g_assert_cmpuint (n_changes, ==, 1);

  ms_focus_set_range (focus, 10, 20);
  ms_focus_set_stack (focus, 3);
  g_assert_true (ms_focus_get_range (focus, &start, &end));
  g_assert_cmpint (start, ==, 10);
  g_assert_cmpint (end, ==, 20);
  g_assert_true (ms_focus_get_stack (focus, &stack));
  g_assert_cmpuint (stack, ==, 3);
  g_assert_cmpuint (n_changes, ==, 3);

  ms_focus_clear_thread (focus);
  g_assert_false (ms_focus_get_thread (focus, NULL));
  g_assert_true (ms_focus_get_range (focus, NULL, NULL));
  ms_focus_clear (focus);
  ms_focus_clear (focus);
  g_assert_false (ms_focus_get_range (focus, NULL, NULL));
  g_assert_false (ms_focus_get_stack (focus, NULL));
  g_assert_cmpuint (n_changes, ==, 5);
  g_assert_finalize_object (focus);
}

/* Back and forward, as in a browser; a drag is one step. */
static void
test_history (void)
{
  MsFocus *focus = ms_focus_new ();
  const guint stacks[] = { 4, 9 };
  guint id = 0, n = 0, n_changes = 0;
  gint64 start;

  g_assert_false (ms_focus_can_go_back (focus));
  ms_focus_go_back (focus);
  ms_focus_set_thread (focus, 5);
  ms_focus_begin_gesture (focus);
  for (gint64 at = 0; at < 10; at++)
    ms_focus_set_range (focus, at, 100);
  ms_focus_end_gesture (focus);
  ms_focus_set_stacks (focus, stacks, G_N_ELEMENTS (stacks), "decode");
  g_assert_cmpstr (ms_focus_get_stacks_label (focus), ==, "decode");
  g_assert_false (ms_focus_get_stack (focus, NULL));

  ms_focus_go_back (focus);
  g_assert_null (ms_focus_get_stacks (focus, &n));
  g_assert_true (ms_focus_get_range (focus, &start, NULL));
  g_assert_cmpint (start, ==, 9);
  ms_focus_go_back (focus);
  g_assert_false (ms_focus_get_range (focus, NULL, NULL));
  g_assert_true (ms_focus_get_thread (focus, &id));
  ms_focus_go_back (focus);
  g_assert_true (ms_focus_is_clear (focus));
  g_assert_false (ms_focus_can_go_back (focus));

  for (guint i = 0; i < 5; i++)
    ms_focus_go_forward (focus);
  g_assert_cmpuint (ms_focus_get_stacks (focus, &n)[1], ==, 9);
  g_assert_cmpuint (n, ==, 2);
  g_assert_false (ms_focus_can_go_forward (focus));

  /* Another way forgets what lay ahead; the same place again is no step. */
  ms_focus_go_back (focus);
  ms_focus_set_thread (focus, 5);
  g_assert_true (ms_focus_can_go_forward (focus));
  ms_focus_set_thread (focus, 6);
  g_assert_false (ms_focus_can_go_forward (focus));

  /* Two drags are two steps. */
  for (gint64 drag = 1; drag <= 2; drag++)
    {
      ms_focus_begin_gesture (focus);
      ms_focus_set_range (focus, 20 * drag, 200);
      ms_focus_set_range (focus, 21 * drag, 200);
      ms_focus_end_gesture (focus);
    }
  ms_focus_go_back (focus);
  g_assert_true (ms_focus_get_range (focus, &start, NULL));
  g_assert_cmpint (start, ==, 21);

  /* A set of none is not all. */
  ms_focus_set_stacks (focus, NULL, 0, NULL);
  g_assert_nonnull (ms_focus_get_stacks (focus, &n));
  g_assert_cmpuint (n, ==, 0);

  for (guint i = 0; i < 1000; i++)
    ms_focus_set_thread (focus, i);
  g_signal_connect (focus, "changed", G_CALLBACK (count_cb), &n_changes);
  while (ms_focus_can_go_back (focus))
    ms_focus_go_back (focus);
  g_assert_cmpuint (n_changes, <, 1000);
  ms_focus_reset (focus);
  g_assert_false (ms_focus_can_go_forward (focus));
  g_assert_finalize_object (focus);
}

static void
test_motion (void)
{
  MsFocusMotion motion = { 0 };

  ms_focus_motion_raise (&motion, 7);
  g_assert_cmpfloat (ms_focus_motion_get_lift (&motion, 7), ==, 0);
  motion.moment = 1;
  g_assert_cmpfloat (ms_focus_motion_get_lift (&motion, 7), ==, 1);
  g_assert_cmpfloat (ms_focus_motion_get_lift (&motion, 8), ==, 0);
  g_assert_cmpfloat (ms_focus_motion_get_dim (&motion), ==, 1);

  /* From one thread to another the background stays dim. */
  ms_focus_motion_raise (&motion, 8);
  motion.moment = 0.5;
  g_assert_cmpfloat (ms_focus_motion_get_lift (&motion, 7), ==, 0.5);
  g_assert_cmpfloat (ms_focus_motion_get_lift (&motion, 8), ==, 0.5);
  g_assert_cmpfloat (ms_focus_motion_get_dim (&motion), ==, 1);
}

/* However a motion is interrupted, nothing jumps but a third card that was still sinking. */
static void
test_motion_interrupted (void)
{
  MsFocusMotion motion = { 0 };

  for (guint step = 0; step < 5000; step++)
    {
      double before[3], dim = ms_focus_motion_get_dim (&motion);
      gboolean had_sinking = motion.has_sinking;
      guint sinking = motion.sinking;

      for (guint id = 0; id < 3; id++)
        before[id] = ms_focus_motion_get_lift (&motion, id);
      if (g_test_rand_bit ())
        ms_focus_motion_raise (&motion, (guint) g_test_rand_int_range (0, 3));
      else
        ms_focus_motion_release (&motion);

      g_assert_cmpfloat_with_epsilon (ms_focus_motion_get_dim (&motion), dim, 1e-9);
      for (guint id = 0; id < 3; id++)
        if (!(had_sinking && sinking == id))
          g_assert_cmpfloat_with_epsilon (ms_focus_motion_get_lift (&motion, id), before[id], 1e-9);
      motion.moment = g_test_rand_double ();
      for (guint id = 0; id < 3; id++)
        {
          g_assert_cmpfloat (ms_focus_motion_get_lift (&motion, id), >=, 0);
          g_assert_cmpfloat (ms_focus_motion_get_lift (&motion, id), <=, 1);
        }
    }
  ms_focus_motion_release (&motion);
  motion.moment = 1;
  for (guint id = 0; id < 3; id++)
    g_assert_cmpfloat (ms_focus_motion_get_lift (&motion, id), ==, 0);
  g_assert_cmpfloat (ms_focus_motion_get_dim (&motion), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/focus/state", test_focus);
  g_test_add_func ("/focus/history", test_history);
  g_test_add_func ("/focus/motion", test_motion);
  g_test_add_func ("/focus/motion-interrupted", test_motion_interrupted);
  return g_test_run ();
}
