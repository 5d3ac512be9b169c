# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Pictures of the application where nobody has a screen, by its own --screenshot: what ./dev, which reads this
# file, leaves for a person who runs it, and those of docs/images/.

take_pictures ()
{
  local name

  for name in demo python3; do
    on_virtual_display memscope-gui --screenshot "$outputs/$name.png" "$outputs/$name"
    [ -s "$outputs/$name.png" ] || { say "no picture was made: $outputs/$name.png"; return 1; }
  done
}

# Of what record_demo left.
take_page_pictures ()
{
  local page style picture options

  for page in overview focus threads timeline correlation memory system compare; do
    for style in light dark; do
      picture=docs/images/$page.png options=(--page "$page")
      [ "$page" != focus ] || options=(--focus compact-0)
      [ "$style" != dark ] || { picture=docs/images/$page-dark.png; options+=(--dark); }
      (on_virtual_display memscope-gui --screenshot "$outputs/page.png" --size 1200x800 \
        "${options[@]}" "$outputs/demo")
      convert "$outputs/page.png" -strip -define png:compression-level=9 \
        -define png:compression-filter=5 -define png:color-type=2 "$picture"
      say "$picture: $(stat -c %s "$picture") bytes"
    done
  done
}

word_pictures ()
{
  n_steps=5
  ensure_build_packages "${run_packages[@]}" "${test_packages[@]}"
  build_steps "$build"
  mkdir -p "$outputs" docs/images
  use_build "$build"
  step 'Record the demonstration' record-demo record_demo
  step 'Photograph each page, light and dark' pictures take_page_pictures
  say "The pictures: docs/images/"
}
