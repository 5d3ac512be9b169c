/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rust's mangling since 2019 (RFC 2603): a grammar of paths, types and constants.
 *
 *   _RNvNtCs1234_7mycrate3foo3bar     mycrate::foo::bar
 *   _RINvC1a1bmE                      a::b::<u32>
 *
 * One function reads one symbol of the grammar and prints it as it goes.  A back reference is read
 * again at the place that it points to; it may only point backwards.  Crate disambiguators are left
 * out, as they are in backtraces.  The input is hostile: depth and output are bounded, every
 * branching prints at least a byte, and whatever does not parse to its end is not demangled at all.
 */
#include "ms-demangle.h"

#include <string.h>

#include "ms-rust-v0-cursor.h"

static void v0_path (MsV0Cursor *v, gboolean is_value);
static void v0_type (MsV0Cursor *v);
static void v0_const (MsV0Cursor *v, gboolean is_value);

/* Goes on reading where the reference points, which must be before it. */
static void
follow_back_reference (MsV0Cursor *v, void (*read) (MsV0Cursor *v, gpointer data), gpointer data)
{
  gsize start = v->at - 1;
  guint64 target = ms_v0_base_62 (v);
  gsize after = v->at;

  if (v->failed || target >= start)
    {
      v->failed = TRUE;
      return;
    }
  if (v->out == NULL)
    return; /* it was read once: nothing to learn, and skipping it keeps this linear */
  v->at = (gsize) target;
  read (v, data);
  v->at = after;
}

static void
read_path (MsV0Cursor *v, gpointer is_value)
{
  v0_path (v, GPOINTER_TO_INT (is_value));
}

static void
read_type (MsV0Cursor *v, gpointer unused)
{
  v0_type (v);
}

static void
read_const (MsV0Cursor *v, gpointer is_value)
{
  v0_const (v, GPOINTER_TO_INT (is_value));
}

/* Reads a path without showing it: where an impl stands says less than what it is for. */
static void
skip_impl_path (MsV0Cursor *v)
{
  GString *out = g_steal_pointer (&v->out);

  ms_v0_disambiguator (v);
  v0_path (v, FALSE);
  v->out = out;
}

static void
print_lifetime (MsV0Cursor *v, guint64 index)
{
  guint64 depth;

  /* Index 0 is the erased lifetime; others count binders from the inside. */
  ms_v0_print (v, "'");
  if (index == 0)
    {
      ms_v0_print (v, "_");
      return;
    }
  if (index > v->n_lifetimes)
    {
      v->failed = TRUE;
      return;
    }
  depth = v->n_lifetimes - index;
  if (depth < 26)
    {
      char letter[2] = { (char) ('a' + depth), '\0' };
      ms_v0_print (v, letter);
    }
  else
    {
      ms_v0_print (v, "_");
      ms_v0_print_number (v, depth);
    }
}

/* Reads "G…" if it is there, prints for<…>, returns how many lifetimes to unbind afterwards. */
static guint
open_binder (MsV0Cursor *v)
{
  guint64 n = ms_v0_eat (v, 'G') ? ms_v0_base_62 (v) + 1 : 0;

  if (v->failed || n == 0)
    return 0;
  if (n > 100)
    {
      v->failed = TRUE;
      return 0;
    }
  ms_v0_print (v, "for<");
  for (guint64 i = 0; i < n; i++)
    {
      if (i > 0)
        ms_v0_print (v, ", ");
      v->n_lifetimes++;
      print_lifetime (v, 1);
    }
  ms_v0_print (v, "> ");
  return (guint) n;
}

static void
v0_generic_arg (MsV0Cursor *v)
{
  if (ms_v0_eat (v, 'L'))
    print_lifetime (v, ms_v0_base_62 (v));
  else if (ms_v0_eat (v, 'K'))
    v0_const (v, FALSE);
  else
    v0_type (v);
}

/* "a, b, c" until the closing E. Returns how many. */
static guint
v0_list (MsV0Cursor *v, void (*read) (MsV0Cursor *v), const char *separator)
{
  guint n = 0;

  for (; !v->failed && !ms_v0_eat (v, 'E'); n++)
    {
      if (n > 0)
        ms_v0_print (v, separator);
      read (v);
    }
  return n;
}

static void
v0_nested_path (MsV0Cursor *v, gboolean is_value)
{
  char name_space = ms_v0_next (v);
  guint64 number;
  MsV0Identifier id;

  v0_path (v, is_value);
  number = ms_v0_disambiguator (v);
  id = ms_v0_identifier (v);
  if (v->failed)
    return;
  if (g_ascii_isupper (name_space))
    {
      ms_v0_print (v, "::{");
      if (name_space == 'C')
        ms_v0_print (v, "closure");
      else if (name_space == 'S')
        ms_v0_print (v, "shim");
      else
        ms_v0_print_bytes (v, &name_space, 1);
      if (id.n_ascii > 0 || id.n_punycode > 0)
        {
          ms_v0_print (v, ":");
          ms_v0_print_identifier (v, &id);
        }
      ms_v0_print (v, "#");
      ms_v0_print_number (v, number);
      ms_v0_print (v, "}");
    }
  else if (!g_ascii_islower (name_space))
    v->failed = TRUE;
  else if (id.n_ascii > 0 || id.n_punycode > 0)
    {
      ms_v0_print (v, "::");
      ms_v0_print_identifier (v, &id);
    }
}

static void
v0_path (MsV0Cursor *v, gboolean is_value)
{
  MsV0Identifier id;
  char tag;

  if (!ms_v0_enter (v))
    return;
  switch ((tag = ms_v0_next (v)))
    {
    case 'C':
      ms_v0_disambiguator (v);
      id = ms_v0_identifier (v);
      if (!v->failed)
        ms_v0_print_identifier (v, &id);
      break;
    case 'N':
      v0_nested_path (v, is_value);
      break;
    case 'M':
    case 'X':
    case 'Y':
      if (tag != 'Y')
        skip_impl_path (v);
      ms_v0_print (v, "<");
      v0_type (v);
      if (tag != 'M')
        {
          ms_v0_print (v, " as ");
          v0_path (v, FALSE);
        }
      ms_v0_print (v, ">");
      break;
    case 'I':
      v0_path (v, is_value);
      ms_v0_print (v, is_value ? "::<" : "<");
      v0_list (v, v0_generic_arg, ", ");
      ms_v0_print (v, ">");
      break;
    case 'B':
      follow_back_reference (v, read_path, GINT_TO_POINTER (is_value));
      break;
    default:
      v->failed = TRUE;
    }
  v->depth--;
}

static const char *
basic_type (char c)
{
  static const char *const names[26] = {
    ['a' - 'a'] = "i8",    ['b' - 'a'] = "bool", ['c' - 'a'] = "char", ['d' - 'a'] = "f64",
    ['e' - 'a'] = "str",   ['f' - 'a'] = "f32",  ['h' - 'a'] = "u8",   ['i' - 'a'] = "isize",
    ['j' - 'a'] = "usize", ['l' - 'a'] = "i32",  ['m' - 'a'] = "u32",  ['n' - 'a'] = "i128",
    ['o' - 'a'] = "u128",  ['p' - 'a'] = "_",    ['s' - 'a'] = "i16",  ['t' - 'a'] = "u16",
    ['u' - 'a'] = "()",    ['v' - 'a'] = "...",  ['x' - 'a'] = "i64",  ['y' - 'a'] = "u64",
    ['z' - 'a'] = "!",
  };
  return g_ascii_islower (c) ? names[c - 'a'] : NULL;
}

static void
v0_function_type (MsV0Cursor *v)
{
  guint n_bound = open_binder (v);

  if (ms_v0_eat (v, 'U'))
    ms_v0_print (v, "unsafe ");
  if (ms_v0_eat (v, 'K'))
    {
      ms_v0_print (v, "extern \"");
      if (ms_v0_eat (v, 'C'))
        ms_v0_print (v, "C");
      else
        {
          MsV0Identifier abi = ms_v0_identifier (v);

          /* Dashes of an ABI's name are spelled as underscores. */
          for (gsize i = 0; i < abi.n_ascii && !v->failed; i++)
            ms_v0_print_bytes (v, abi.ascii[i] == '_' ? "-" : abi.ascii + i, 1);
        }
      ms_v0_print (v, "\" ");
    }
  ms_v0_print (v, "fn(");
  v0_list (v, v0_type, ", ");
  ms_v0_print (v, ")");
  if (!ms_v0_eat (v, 'u'))
    {
      ms_v0_print (v, " -> ");
      v0_type (v);
    }
  v->n_lifetimes -= n_bound;
}

/* A trait's path may have its generic arguments left open, for the associated types to join. */
static gboolean
v0_path_open_generics (MsV0Cursor *v)
{
  gboolean is_open = FALSE;

  if (ms_v0_eat (v, 'B'))
    {
      gsize start = v->at - 1, after;
      guint64 target = ms_v0_base_62 (v);

      after = v->at;
      if (v->failed || target >= start || !ms_v0_enter (v))
        {
          v->failed = TRUE;
          return FALSE;
        }
      v->at = (gsize) target;
      is_open = v0_path_open_generics (v);
      v->at = after;
      v->depth--;
    }
  else if (ms_v0_eat (v, 'I'))
    {
      v0_path (v, FALSE);
      ms_v0_print (v, "<");
      v0_list (v, v0_generic_arg, ", ");
      is_open = TRUE;
    }
  else
    v0_path (v, FALSE);
  return is_open;
}

static void
v0_dyn_trait (MsV0Cursor *v)
{
  gboolean is_open = v0_path_open_generics (v);

  while (!v->failed && ms_v0_eat (v, 'p'))
    {
      MsV0Identifier name;

      ms_v0_print (v, is_open ? ", " : "<");
      is_open = TRUE;
      name = ms_v0_identifier (v);
      if (v->failed)
        return;
      ms_v0_print_identifier (v, &name);
      ms_v0_print (v, " = ");
      v0_type (v);
    }
  if (is_open)
    ms_v0_print (v, ">");
}

static void
v0_dyn_type (MsV0Cursor *v)
{
  guint n_bound;
  guint64 lifetime;

  ms_v0_print (v, "dyn ");
  n_bound = open_binder (v);
  v0_list (v, v0_dyn_trait, " + ");
  v->n_lifetimes -= n_bound;
  if (!ms_v0_eat (v, 'L'))
    v->failed = TRUE;
  lifetime = ms_v0_base_62 (v);
  if (!v->failed && lifetime != 0)
    {
      ms_v0_print (v, " + ");
      print_lifetime (v, lifetime);
    }
}

static void
v0_reference_type (MsV0Cursor *v, gboolean is_mutable)
{
  ms_v0_print (v, "&");
  if (ms_v0_eat (v, 'L'))
    {
      guint64 lifetime = ms_v0_base_62 (v);

      if (lifetime != 0)
        {
          print_lifetime (v, lifetime);
          ms_v0_print (v, " ");
        }
    }
  if (is_mutable)
    ms_v0_print (v, "mut ");
  v0_type (v);
}

static void
v0_type (MsV0Cursor *v)
{
  const char *basic = basic_type (ms_v0_peek (v));
  char tag;
  guint n;

  if (basic != NULL)
    {
      v->at++;
      ms_v0_print (v, basic);
      return;
    }
  if (!ms_v0_enter (v))
    return;
  switch ((tag = ms_v0_next (v)))
    {
    case 'R':
    case 'Q':
      v0_reference_type (v, tag == 'Q');
      break;
    case 'P':
    case 'O':
      ms_v0_print (v, tag == 'P' ? "*const " : "*mut ");
      v0_type (v);
      break;
    case 'A':
    case 'S':
      ms_v0_print (v, "[");
      v0_type (v);
      if (tag == 'A')
        {
          ms_v0_print (v, "; ");
          v0_const (v, TRUE);
        }
      ms_v0_print (v, "]");
      break;
    case 'T':
      ms_v0_print (v, "(");
      n = v0_list (v, v0_type, ", ");
      ms_v0_print (v, n == 1 ? ",)" : ")");
      break;
    case 'F':
      v0_function_type (v);
      break;
    case 'D':
      v0_dyn_type (v);
      break;
    case 'B':
      follow_back_reference (v, read_type, NULL);
      break;
    default:
      v->at--;
      v0_path (v, FALSE);
    }
  v->depth--;
}

static void
v0_integer (MsV0Cursor *v, gboolean may_be_negative)
{
  gboolean is_negative = may_be_negative && ms_v0_eat (v, 'n');
  gsize n;
  const char *digits = ms_v0_hex_digits (v, &n);

  if (v->failed)
    return;
  if (is_negative)
    ms_v0_print (v, "-");
  if (n > 16)
    {
      ms_v0_print (v, "0x");
      ms_v0_print_bytes (v, digits, n);
    }
  else
    {
      guint64 x = 0;

      for (gsize i = 0; i < n; i++)
        x = x * 16 + (guint64) g_ascii_xdigit_value (digits[i]);
      ms_v0_print_number (v, x);
    }
}

static void
v0_character (MsV0Cursor *v)
{
  gsize n;
  const char *digits = ms_v0_hex_digits (v, &n);
  gunichar c = 0;
  char utf8[16] = "";

  if (v->failed || n > 6)
    {
      v->failed = TRUE;
      return;
    }
  for (gsize i = 0; i < n; i++)
    c = c * 16 + (gunichar) g_ascii_xdigit_value (digits[i]);
  if (!g_unichar_validate (c))
    v->failed = TRUE;
  else if (c == '\'' || c == '\\')
    g_snprintf (utf8, sizeof utf8, "\\%c", (char) c);
  else if (g_unichar_isprint (c))
    g_unichar_to_utf8 (c, utf8);
  else
    g_snprintf (utf8, sizeof utf8, "\\u{%x}", c);
  ms_v0_print (v, "'");
  ms_v0_print (v, utf8);
  ms_v0_print (v, "'");
}

static void
v0_const (MsV0Cursor *v, gboolean is_value)
{
  gsize n;
  const char *digits;

  if (!ms_v0_enter (v))
    return;
  switch (ms_v0_next (v))
    {
    case 'p':
      ms_v0_print (v, "_");
      break;
    case 'h':
    case 't':
    case 'm':
    case 'y':
    case 'o':
    case 'j':
      v0_integer (v, FALSE);
      break;
    case 'a':
    case 's':
    case 'l':
    case 'x':
    case 'n':
    case 'i':
      v0_integer (v, TRUE);
      break;
    case 'b':
      digits = ms_v0_hex_digits (v, &n);
      if (!v->failed && n == 1 && (digits[0] == '0' || digits[0] == '1'))
        ms_v0_print (v, digits[0] == '1' ? "true" : "false");
      else
        v->failed = TRUE;
      break;
    case 'c':
      v0_character (v);
      break;
    case 'B':
      follow_back_reference (v, read_const, GINT_TO_POINTER (is_value));
      break;
    default:
      v->failed = TRUE; /* structural constants: not stable in any compiler */
    }
  v->depth--;
}

char *
ms_demangle_rust_v0 (const char *symbol)
{
  g_autoptr (GString) out = NULL;
  MsV0Cursor v = { 0 };

  /* A digit would be a version that does not exist yet. */
  if (!g_str_has_prefix (symbol, "_R") || g_ascii_isdigit (symbol[2]))
    return NULL;
  out = g_string_new (NULL);
  v.input = symbol + 2;
  v.n = strcspn (v.input, ".$"); /* what compilers add: ".llvm.1234" */
  v.out = out;
  v0_path (&v, TRUE);
  if (!v.failed && v.at < v.n)
    {
      /* The crate that instantiated a generic function. */
      v.out = NULL;
      v0_path (&v, FALSE);
    }
  if (v.failed || v.at != v.n || out->len == 0)
    return NULL;
  return g_string_free (g_steal_pointer (&out), FALSE);
}
