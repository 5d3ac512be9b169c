/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Can the colours be read, and told apart by every kind of eye?
 *
 * Contrast is WCAG 2.1's: 4.5:1 for text (1.4.3), 3:1 for graphics (1.4.11), over each ground on which
 * the application puts it, in light, dark and both high contrasts.
 *
 * Colour vision without red, green or blue cones is simulated after Machado, Oliveira and Fernandes, "A
 * Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE TVCG 15 (2009), severity 1.
 * Two colours differ if most viewers notice it at the size of a card's glyph: Stone, Szafir and Setlur, "An
 * Engineering Model for Color Difference as a Function of Size", CIC 22 (2014), give for a share p of viewers
 * and a mark of s degrees the steps in CIELAB
 *
 *     ND_L = p (10.16 + 1.50 / s)   ND_a = p (10.68 + 6.16 / s)   ND_b = p (10.70 + 11.48 / s)
 *
 * Arguments: the colour files of the application and of the dashboard, which must be the same.
 */
#include "ms-module-shades.h"
#include "ms-palette.h"

#include <math.h>
#include <string.h>

#define TEXT_CONTRAST 4.5
#define GRAPHICS_CONTRAST 3.0
/* 16 pixels of 96 to an inch, seen from 60 cm. */
#define GLYPH_DEGREES 0.4
#define SHARE_OF_VIEWERS 0.7

static char **files;

#define RGB(hex) \
  (MsColor) \
  { \
    ((hex) >> 16 & 0xff) / 255.0, ((hex) >> 8 & 0xff) / 255.0, ((hex) &0xff) / 255.0, 1 \
  }

/* What libadwaita 1.2 calls window_bg_color and view_bg_color, and a card. */
static void
get_grounds (const MsPalette *palette, MsColor grounds[3])
{
  grounds[0] = palette->surface;
  grounds[1] = palette->dark ? RGB (0x242424) : RGB (0xfafafa);
  grounds[2] = palette->dark ? RGB (0x1e1e1e) : RGB (0xffffff);
}

static void
assert_contrast (const char *what,
                 const MsPalette *palette,
                 MsColor top,
                 MsColor ground,
                 double least)
{
  double contrast = ms_color_contrast (ms_color_over (top, ground), ground);

  if (contrast < least)
    {
      g_test_message ("%s, %s%s: %.2f:1, wanted %.1f:1", what, palette->dark ? "dark" : "light",
                      palette->high_contrast ? ", high contrast" : "", contrast, least);
      g_test_fail ();
    }
}

static void
check_scheme (gboolean dark, gboolean high_contrast)
{
  MsPalette palette;
  MsColor grounds[3];

  ms_palette_init (&palette, dark, high_contrast);
  get_grounds (&palette, grounds);
  for (guint i = 0; i < G_N_ELEMENTS (grounds); i++)
    {
      assert_contrast ("text", &palette, palette.text, grounds[i], TEXT_CONTRAST);
      assert_contrast ("dim text", &palette, palette.dim_text, grounds[i], TEXT_CONTRAST);
      assert_contrast ("accent", &palette, palette.accent, grounds[i], GRAPHICS_CONTRAST);
      assert_contrast ("edge", &palette, palette.edge, grounds[i], GRAPHICS_CONTRAST);
      assert_contrast ("alert, high", &palette, palette.alert_high, grounds[i], GRAPHICS_CONTRAST);
      assert_contrast ("alert, medium", &palette, palette.alert_medium, grounds[i],
                       GRAPHICS_CONTRAST);
      if (high_contrast)
        assert_contrast ("line", &palette, palette.line, grounds[i], GRAPHICS_CONTRAST);
      for (guint role = 0; role < MS_N_ROLES; role++)
        {
          g_autofree char *line = g_strdup_printf ("line of role %u", role);
          g_autofree char *word = g_strdup_printf ("word of role %u", role);
          MsColor tint =
              ms_color_over (ms_color_with_alpha (palette.role[role], palette.tint), grounds[i]);

          assert_contrast (line, &palette, palette.role[role], grounds[i], GRAPHICS_CONTRAST);
          assert_contrast (word, &palette, palette.role_text[role], grounds[i], TEXT_CONTRAST);
          assert_contrast (word, &palette, palette.role_text[role], tint, TEXT_CONTRAST);
        }
    }
  for (guint shade = 0; shade < MS_N_MODULE_SHADES; shade++)
    {
      MsColor ground = ms_module_shade_get_color (shade, &palette);

      assert_contrast ("a frame's name", &palette, ms_color_get_ink (ground), ground,
                       TEXT_CONTRAST);
    }
}

static void
test_contrast (void)
{
  for (guint scheme = 0; scheme < 4; scheme++)
    check_scheme ((scheme & 1) != 0, (scheme & 2) != 0);
}

/* --- other eyes --- */

static const struct {
  const char *name;
  double matrix[3][3]; /* of linear red, green and blue */
} EYES[] = {
  { "all cones", { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } } },
  { "protanopia",
    { { 0.152286, 1.052583, -0.204868 },
      { 0.114503, 0.786281, 0.099216 },
      { -0.003882, -0.048116, 1.051998 } } },
  { "deuteranopia",
    { { 0.367322, 0.860646, -0.227968 },
      { 0.280085, 0.672501, 0.047413 },
      { -0.011820, 0.042940, 0.968881 } } },
  { "tritanopia",
    { { 1.255528, -0.076749, -0.178779 },
      { -0.078411, 0.930809, 0.147602 },
      { 0.004733, 0.691367, 0.303900 } } },
};

static double
to_linear (double channel)
{
  return channel <= 0.04045 ? channel / 12.92 : pow ((channel + 0.055) / 1.055, 2.4);
}

static double
lab_root (double share)
{
  return share > 216.0 / 24389 ? cbrt (share) : (24389.0 / 27 * share + 16) / 116;
}

/* CIELAB under D65 of what an eye sees. */
static void
see (MsColor color, const double matrix[3][3], double lab[3])
{
  double linear[3] = { to_linear (color.red), to_linear (color.green), to_linear (color.blue) };
  double seen[3];

  for (guint i = 0; i < 3; i++)
    seen[i] = CLAMP (matrix[i][0] * linear[0] + matrix[i][1] * linear[1] + matrix[i][2] * linear[2],
                     0, 1);
  double x = lab_root ((0.4124564 * seen[0] + 0.3575761 * seen[1] + 0.1804375 * seen[2]) / 0.95047);
  double y = lab_root (0.2126729 * seen[0] + 0.7151522 * seen[1] + 0.0721750 * seen[2]);
  double z = lab_root ((0.0193339 * seen[0] + 0.1191920 * seen[1] + 0.9503041 * seen[2]) / 1.08883);

  lab[0] = 116 * y - 16;
  lab[1] = 500 * (x - y);
  lab[2] = 200 * (y - z);
}

/* In steps that SHARE_OF_VIEWERS notice. */
static double
get_difference (MsColor a, MsColor b, const double matrix[3][3])
{
  static const double AT_ANY_SIZE[3] = { 10.16, 10.68, 10.70 }, PER_SIZE[3] = { 1.50, 6.16, 11.48 };
  double lab_a[3], lab_b[3], sum = 0;

  see (a, matrix, lab_a);
  see (b, matrix, lab_b);
  for (guint i = 0; i < 3; i++)
    {
      double step = SHARE_OF_VIEWERS * (AT_ANY_SIZE[i] + PER_SIZE[i] / GLYPH_DEGREES);

      sum += pow ((lab_a[i] - lab_b[i]) / step, 2);
    }
  return sqrt (sum);
}

static void
test_other_eyes (void)
{
  for (guint dark = 0; dark < 2; dark++)
    for (guint eye = 0; eye < G_N_ELEMENTS (EYES); eye++)
      {
        MsPalette palette;

        ms_palette_init (&palette, dark == 1, FALSE);
        for (guint role = 0; role < MS_N_ROLES; role++)
          for (guint other = 0; other < role; other++)
            {
              double difference =
                  get_difference (palette.role[role], palette.role[other], EYES[eye].matrix);

              if (difference >= 1)
                continue;
              g_test_message ("%s, %s: roles %u and %u differ by %.2f steps", EYES[eye].name,
                              dark == 1 ? "dark" : "light", other, role, difference);
              g_test_fail ();
            }
      }
}

/* Two greens that only green cones tell apart: the simulation does take something away. */
static void
test_eyes_differ (void)
{
  MsColor red = RGB (0xd04030), green = RGB (0x808000);

  g_assert_cmpfloat (get_difference (red, green, EYES[0].matrix), >, 2);
  g_assert_cmpfloat (get_difference (red, green, EYES[2].matrix), <,
                     0.6 * get_difference (red, green, EYES[0].matrix));
  g_assert_cmpfloat (get_difference (red, red, EYES[1].matrix), <, 1e-9);
}

/* --- one palette --- */

/* The colour after the first @key from @from on. */
static MsColor
find_color (const char *from, const char *key, const char *path)
{
  const char *found = from != NULL ? strstr (from, key) : NULL;

  if (found == NULL)
    g_error ("%s: no “%s”", path, key);
  guint64 hex = g_ascii_strtoull (strchr (found, '#') + 1, NULL, 16);
  return RGB (hex);
}

static void
assert_roles (const MsPalette *palette, const char *path, const char *from, const char *pattern)
{
  static const char *const NAMES[MS_N_ROLES] = { "memory", "cpu", "io", "balanced", "light" };

  for (guint role = 0; role < MS_N_ROLES; role++)
    {
      g_auto (GStrv) parts = g_strsplit (pattern, "%", 2);
      g_autofree char *key = g_strconcat (parts[0], NAMES[role], parts[1], NULL);
      MsColor color = find_color (from, key, path);

      if (ms_color_contrast (color, palette->role[role]) > 1.0001
          || fabs (color.red - palette->role[role].red) > 1e-6)
        {
          g_test_message ("%s: %s is not the palette's", path, key);
          g_test_fail ();
        }
    }
}

/* style.css, style-dark.css and the dashboard's palette.css repeat what ms-palette.c says. */
static void
test_one_palette (void)
{
  MsPalette light, dark;
  g_autofree char *text = NULL, *dark_text = NULL, *page_text = NULL;

  ms_palette_init (&light, FALSE, FALSE);
  ms_palette_init (&dark, TRUE, FALSE);
  g_assert_true (g_file_get_contents (files[0], &text, NULL, NULL));
  g_assert_true (g_file_get_contents (files[1], &dark_text, NULL, NULL));
  g_assert_true (g_file_get_contents (files[2], &page_text, NULL, NULL));
  assert_roles (&light, files[0], text, "@define-color role_% ");
  assert_roles (&dark, files[1], dark_text, "@define-color role_% ");
  assert_roles (&light, files[2], page_text, "--%: ");
  assert_roles (&dark, files[2], strstr (page_text, "[data-theme=\"dark\"]"), "--%: ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 4);
  files = argv + 1;
  g_test_add_func ("/palette/contrast", test_contrast);
  g_test_add_func ("/palette/other-eyes", test_other_eyes);
  g_test_add_func ("/palette/eyes-differ", test_eyes_differ);
  g_test_add_func ("/palette/one-palette", test_one_palette);
  return g_test_run ();
}
