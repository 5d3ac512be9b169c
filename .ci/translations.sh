# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# What the program says, and in which languages: takes new strings of the sources over into po/*.po, and lists what is
# not translated, or fuzzy, of each language.  Read by ./dev.

update_translations () { meson compile -C "$build" memscope-pot && meson compile -C "$build" memscope-update-po; }

# Prints those of the file $1 that have no translation, or one of a similar string: one in a line, with its source.
list_untranslated ()
{
  {
    msgattrib --no-obsolete --untranslated --no-wrap "$1"
    msgattrib --no-obsolete --only-fuzzy --clear-fuzzy --no-wrap "$1"
  } | awk '
    /^#: / { source = substr ($0, 4) }
    /^msgid "[^"]/ { print "      " substr ($0, 7) "  (" source ")" }
    /^msgid ""$/ { is_long = 1; next }
    is_long && /^"/ && source != "" { print "      " $0 "  (" source ")" }
    { is_long = 0 }
    /^$/ { source = "" }'
}

# Fails where something is missing, as the test of that name does.
word_translations ()
{
  local language listed n status=0

  n_steps=3
  ensure_build_packages
  step 'Configure' configure configure "$build"
  step 'Take new strings over into po/' translations update_translations || return 1
  while read -r language; do
    listed=$(list_untranslated "po/$language.po")
    n=$(grep -c . <<<"$listed") || true
    say "po/$language.po: $n not translated"
    [ "$n" = 0 ] || { say "$listed"; status=1; }
  done <po/LINGUAS
  return "$status"
}
