/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The window of keyboard shortcuts has each action that has keys, and no other; an action that it has is there. */
#include "ms-application.h"
#include "ms-window.h"
#include "widget-test.h"

#include <string.h>

#define HELP "/org/memscope/Memscope/gtk/help-overlay.ui"

/* "win.show-page('memory')" as GTK writes it: "win.show-page::memory". */
static char *
dup_plain (const char *detailed)
{
  g_autofree char *name = NULL;
  g_autoptr (GVariant) target = NULL;

  g_assert_true (g_action_parse_detailed_name (detailed, &name, &target, NULL));
  return g_action_print_detailed_name (name, target);
}

/* Of all in the overlay: names of actions; what has keys of a widget's own is read on the way. */
static void
collect_actions (GtkWidget *widget, GHashTable *actions)
{
  if (GTK_IS_SHORTCUTS_SHORTCUT (widget))
    {
      g_autofree char *action = NULL, *accelerator = NULL, *title = NULL;

      g_object_get (widget, "action-name", &action, "accelerator", &accelerator, "title", &title,
                    NULL);
      g_assert_true (title != NULL && *title != '\0');
      g_assert_cmpint (action != NULL, !=, accelerator != NULL && *accelerator != '\0');
      if (action != NULL)
        g_hash_table_add (actions, dup_plain (action)); /* once more in the results of its search */
      g_auto (GStrv) keys = g_strsplit (accelerator != NULL ? accelerator : "", " ", -1);
      for (char **key = keys; *key != NULL && **key != '\0'; key++)
        {
          guint keyval;

          if (!gtk_accelerator_parse (*key, &keyval, NULL) || keyval == 0)
            g_error ("“%s”: “%s” is no key", title, *key);
        }
      return;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    collect_actions (child, actions);
}

/* "win.show-page('memory')" is an action of the window's class, "app.quit" one of the application's. */
static gboolean
exists (GtkApplication *application, const char *detailed)
{
  g_autofree char *name = NULL;
  g_autoptr (GVariant) target = NULL;
  const char *found, *property;
  const GVariantType *type;
  GType owner;
  GtkWidgetClass *window_class = g_type_class_ref (MS_TYPE_WINDOW);
  gboolean is_there = FALSE;

  g_assert_true (g_action_parse_detailed_name (detailed, &name, &target, NULL));
  if (g_str_has_prefix (name, "app."))
    is_there = g_action_group_has_action (G_ACTION_GROUP (application), name + strlen ("app."));
  for (guint i = 0;
       !is_there
       && gtk_widget_class_query_action (window_class, i, &owner, &found, &type, &property);
       i++)
    is_there = g_str_equal (found, name);
  g_type_class_unref (window_class);
  return is_there;
}

static void
test_all_are_there (void)
{
  g_autoptr (MsApplication) application = ms_application_new ();
  g_autoptr (GHashTable) shown = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GError) error = NULL;
  GHashTableIter iter;
  gpointer action;

  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, &error));
  g_assert_no_error (error);

  g_autoptr (GtkBuilder) builder = gtk_builder_new_from_resource (HELP);
  GtkWidget *overlay = GTK_WIDGET (gtk_builder_get_object (builder, "help_overlay"));
  collect_actions (overlay, shown);
  g_assert_cmpuint (g_hash_table_size (shown), >, 10);

  g_auto (GStrv) listed = gtk_application_list_action_descriptions (GTK_APPLICATION (application));
  for (char **at = listed; *at != NULL; at++)
    {
      g_auto (GStrv) keys =
          gtk_application_get_accels_for_action (GTK_APPLICATION (application), *at);

      /* GTK's own, for this window itself. */
      if (g_str_equal (*at, "win.show-help-overlay"))
        continue;
      if (!exists (GTK_APPLICATION (application), *at))
        g_error ("%s has keys, and there is no such action", *at);
      if (!g_hash_table_contains (shown, *at))
        g_error ("%s has keys, and the window of shortcuts does not tell them", *at);
      /* One key, one action. */
      for (char **key = keys; *key != NULL; key++)
        if (!g_hash_table_add (by_key, g_strdup (*key)))
          g_error ("%s is the key of two actions", *key);
      g_hash_table_remove (shown, *at);
    }
  g_hash_table_iter_init (&iter, shown);
  while (g_hash_table_iter_next (&iter, &action, NULL))
    g_error ("the window of shortcuts tells of %s, which has no keys", (char *) action);
  gtk_window_destroy (GTK_WINDOW (overlay));
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/shortcuts/all-are-there", test_all_are_there);
  return g_test_run ();
}
