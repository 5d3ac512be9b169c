/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-sentence.h"

#include <glib/gi18n.h>

#include "ms-evidence.h"

#define MOST_PARTS 8

typedef struct {
  char *name;       /* or NULL */
  MsSentence *part; /* or NULL */
  double value;     /* of @unit, if there is neither */
  const char *unit;
  gboolean is_limit; /* which was chosen, and not measured */
} Part;

struct _MsSentence {
  const char *context, *text, *many;
  gulong n;
  Part parts[MOST_PARTS];
  guint n_parts;
};

MsSentence *
ms_sentence_new_plural (const char *context, const char *text, const char *many, gulong n)
{
  MsSentence *self = g_new0 (MsSentence, 1);

  self->context = context;
  self->text = text;
  self->many = many;
  self->n = n;
  return self;
}

MsSentence *
ms_sentence_new (const char *context, const char *text)
{
  return ms_sentence_new_plural (context, text, NULL, 1);
}

void
ms_sentence_free (MsSentence *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_parts; i++)
    {
      g_free (self->parts[i].name);
      ms_sentence_free (self->parts[i].part);
    }
  g_free (self);
}

static void
add_part (MsSentence *self, Part part)
{
  g_assert (self->n_parts < MOST_PARTS);
  self->parts[self->n_parts++] = part;
}

void
ms_sentence_add_name (MsSentence *self, const char *name)
{
  add_part (self, (Part) { .name = g_strdup (name) });
}

void
ms_sentence_add_count (MsSentence *self, guint count)
{
  add_part (self, (Part) { .name = g_strdup_printf ("%u", count) });
}

void
ms_sentence_add_value (MsSentence *self, double value, const char *unit)
{
  add_part (self, (Part) { .value = value, .unit = unit });
}

void
ms_sentence_add_estimate (MsSentence *self, double value, double standard_error, const char *unit)
{
  MsSentence *about = NULL;

  if (standard_error < 0.5)
    {
      ms_sentence_add_value (self, value, unit);
      return;
    }
  /* Translators: a figure that is an estimate: "about 17.8 MB". */
  about = ms_sentence_new ("estimate", "about %s");
  ms_sentence_add_value (about, value, unit);
  ms_sentence_add_sentence (self, about);
}

void
ms_sentence_add_limit (MsSentence *self, double value, const char *unit)
{
  add_part (self, (Part) { .value = value, .unit = unit, .is_limit = TRUE });
}

void
ms_sentence_add_sentence (MsSentence *self, MsSentence *part)
{
  add_part (self, (Part) { .part = part });
}

static char *
dup_value (const Part *part, const MsLanguage *language)
{
  if (language == NULL)
    return part->is_limit ? ms_evidence_format_limit (part->value, part->unit)
                          : ms_evidence_format_value (part->value, part->unit);
  return part->is_limit ? language->format_limit (part->value, part->unit, language->data)
                        : language->format_value (part->value, part->unit, language->data);
}

static void
append_part (GString *out, const Part *part, const MsLanguage *language)
{
  g_autofree char *written = NULL;

  if (part->part != NULL)
    written = ms_sentence_write (part->part, language);
  else if (part->name == NULL)
    written = dup_value (part, language);
  g_string_append (out, written != NULL ? written : part->name);
}

/* "%s", "%2$s" or "%%" at @at.  Returns what follows it; anything else stays as it is, so that no translation
 * can read what is not there. */
static const char *
append_directive (const MsSentence *self,
                  GString *out,
                  const char *at,
                  guint *next,
                  const MsLanguage *language)
{
  guint which = MOST_PARTS;
  gsize length = 2;

  if (at[1] == '%')
    {
      g_string_append_c (out, '%');
      return at + length;
    }
  if (at[1] == 's')
    {
      which = (*next)++;
    }
  else if (g_ascii_isdigit (at[1]) && at[1] != '0' && at[2] == '$' && at[3] == 's')
    {
      which = (guint) g_ascii_digit_value (at[1]) - 1;
      length = 4;
    }
  if (which >= self->n_parts)
    {
      g_string_append_c (out, '%');
      return at + 1;
    }
  append_part (out, &self->parts[which], language);
  return at + length;
}

char *
ms_sentence_write (const MsSentence *self, const MsLanguage *language)
{
  const char *at = self->many != NULL && self->n != 1 ? self->many : self->text;
  g_autoptr (GString) out = g_string_new (NULL);
  guint next = 0;

  if (language != NULL)
    at = language->translate (self->context, self->text, self->many, self->n, language->data);
  while (*at != '\0')
    if (*at == '%')
      at = append_directive (self, out, at, &next, language);
    else
      g_string_append_c (out, *at++);
  return g_string_free (g_steal_pointer (&out), FALSE);
}
