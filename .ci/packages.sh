# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# What building, running and testing need, by the names of Debian, Fedora and Arch; and how ./dev, which
# reads this file, gets it.  Debian and Ubuntu: installs what is missing.  Elsewhere: says what to install.

# --- names: Debian and Ubuntu, then the others -----------------------------------------------------

readonly build_packages=(
  gcc libc6-dev meson ninja-build pkg-config gettext
  libglib2.0-dev libgtk-4-dev libadwaita-1-dev libjson-glib-dev
  libunwind-dev libdw-dev libelf-dev libzstd-dev
  desktop-file-utils appstream libgtk-4-bin libglib2.0-bin)

# A display, a session bus, icons and fonts for machines that have none of their own.
readonly run_packages=(
  xvfb xauth dbus at-spi2-core adwaita-icon-theme librsvg2-common shared-mime-info
  fonts-dejavu-core fonts-cantarell gsettings-desktop-schemas
  python3 sqlite3)

# Programs that tests trace, compare with or drive.  A test whose program is missing is skipped.
readonly test_packages=(
  g++ binutils elfutils xz-utils lua5.4 valgrind heaptrack clang-format-14 imagemagick xdotool x11-utils
  musl-tools bubblewrap libc6-i386 libjemalloc2 libtcmalloc-minimal4 libmimalloc2.0
  python3-gi gir1.2-atspi-2.0 gobject-introspection libgirepository1.0-dev gi-docgen zsh fish mandoc groff strace
  abigail-tools python3-jsonschema protobuf-compiler chromium nodejs stress-ng
  redis-tools ghostscript z3 libpython3.11-testsuite reuse)

readonly lint_packages=(clang-format-14 clang-tidy-14 cppcheck)
readonly fuzz_packages=(clang-14 libclang-rt-14-dev llvm-14)
readonly coverage_packages=(gcovr)
readonly flatpak_packages=(
  flatpak flatpak-builder ostree bubblewrap elfutils debootstrap xdg-desktop-portal shared-mime-info)

# For ./dev deb.
readonly deb_packages=(
  debhelper dpkg-dev lintian gobject-introspection libgirepository1.0-dev valac)

readonly fedora_packages=(
  gcc gcc-c++ meson ninja-build pkgconf-pkg-config gettext glib2-devel gtk4-devel libadwaita-devel
  json-glib-devel libunwind-devel elfutils-devel elfutils-libelf-devel libzstd-devel desktop-file-utils appstream
  xorg-x11-server-Xvfb xorg-x11-xauth xorg-x11-utils dbus-daemon at-spi2-core adwaita-icon-theme
  librsvg2 shared-mime-info dejavu-sans-fonts gsettings-desktop-schemas sqlite python3
  python3-gobject python3-jsonschema gi-docgen chromium nodejs binutils elfutils xz lua valgrind heaptrack clang-tools-extra
  ImageMagick xdotool stress-ng musl-gcc bubblewrap redis ghostscript z3 python3-test)

readonly arch_packages=(
  gcc meson ninja pkgconf gettext glib2-devel gtk4 libadwaita json-glib libunwind libelf zstd
  desktop-file-utils appstream xorg-server-xvfb xorg-xauth xorg-xwininfo dbus at-spi2-core
  adwaita-icon-theme librsvg shared-mime-info ttf-dejavu gsettings-desktop-schemas sqlite python
  python-gobject python-jsonschema gi-docgen chromium nodejs binutils xz lua valgrind heaptrack clang imagemagick
  xdotool stress-ng musl bubblewrap redis ghostscript z3)

# --- installing ----------------------------------------------------------------------------------

distribution ()
{
  local ID='' ID_LIKE=''

  # shellcheck disable=SC1091
  [ ! -r /etc/os-release ] || . /etc/os-release
  case " $ID $ID_LIKE " in
    *' debian '* | *' ubuntu '*) echo debian ;;
    *' fedora '* | *' rhel '*) echo fedora ;;
    *' arch '*) echo arch ;;
    *) echo other ;;
  esac
}

# Prints those of the named packages that are not installed.
missing_packages ()
{
  local installed package

  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null \
              | sed -n 's/^installed //p' || true)
  for package; do
    grep -qxF -- "$package" <<<"$installed" || printf '%s\n' "$package"
  done
}

as_root ()
{
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

apt_install ()
{
  local package available=()

  export DEBIAN_FRONTEND=noninteractive
  # A broken third-party source must not stop us: what matters is whether the packages arrive.
  as_root apt-get update -q -o DPkg::Lock::Timeout=300 \
    || say 'apt-get update reported errors; going on with the lists at hand'
  for package; do
    if apt-cache show --no-all-versions "$package" >/dev/null 2>&1; then
      available+=("$package")
    else
      say "not offered by this system's package sources: $package"
    fi
  done
  [ ${#available[@]} -gt 0 ] || return 0
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends \
    -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "${available[@]}"
}

# Whether the compiler, meson and every library are there, however they came.
can_build ()
{
  local tool

  for tool in "${CC:-cc}" meson ninja pkg-config msgfmt; do
    command -v "$tool" >/dev/null || return 1
  done
  pkg-config --exists gtk4 libadwaita-1 json-glib-1.0 libunwind libdw libelf gio-unix-2.0
}

print_package_list ()
{
  case "$1" in
    fedora) say "  sudo dnf install ${fedora_packages[*]}" ;;
    arch) say "  sudo pacman -S --needed ${arch_packages[*]}" ;;
    *)
      say "  Debian, Ubuntu:  apt-get install ${build_packages[*]} ${run_packages[*]} ${test_packages[*]}"
      say "  Fedora:          dnf install ${fedora_packages[*]}"
      say "  Arch:            pacman -S --needed ${arch_packages[*]}" ;;
  esac
}

# ensure_packages REQUIRED_COUNT PACKAGE...: the first REQUIRED_COUNT must arrive, the others should.
ensure_packages ()
{
  local n_required=$1 kind missing
  shift

  kind=$(distribution)
  if [ "$kind" != debian ]; then
    if can_build; then
      note_step 'Packages: what building needs is there; on this system dev installs nothing.'
      return 0
    fi
    say 'dev installs packages by itself on Debian and Ubuntu only.  Here, please install:' >&2
    print_package_list "$kind" >&2
    exit 1
  fi

  mapfile -t missing < <(missing_packages "$@")
  if [ ${#missing[@]} = 0 ]; then
    note_step 'Packages: all there.'
    return 0
  fi
  if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    [ -n "$(missing_packages "${@:1:n_required}")" ] || {
      note_step "Packages: what building needs is there.  Missing, and no sudo to install them: ${missing[*]}"
      return 0
    }
    die "packages are missing and there is no sudo.  As root, run: apt-get install ${missing[*]}"
  fi
  if [ "$(id -u)" != 0 ]; then
    say "dev: sudo is needed once, to install: ${missing[*]}"
    sudo -v || die "no permission to install.  As root, run: apt-get install ${missing[*]}"
  fi

  step "Install ${#missing[@]} packages and what they need" packages apt_install "${missing[@]}" || true
  mapfile -t missing < <(missing_packages "${@:1:n_required}")
  [ ${#missing[@]} = 0 ] || die "these packages could not be installed: ${missing[*]}"
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} = 0 ] \
    || say "      not installed (tests that use them will be skipped): ${missing[*]}"
}

ensure_build_packages () { ensure_packages "${#build_packages[@]}" "${build_packages[@]}" "$@"; }

fetch_page_tools () { (cd tests/export/node && npm ci --ignore-scripts --no-audit --no-fund); }

# What pages and files are also read with, where npm is there to fetch it; else those tests are skipped.
page_tools_step ()
{
  if [ -d tests/export/node/node_modules/speedscope ] && [ -d tests/export/node/node_modules/axe-core ]; then
    note_step 'Page tools: all there.'
  elif ! command -v npm >/dev/null; then
    note_step 'Page tools: there is no npm; tests that need axe-core or speedscope are skipped.'
  else
    step 'Page tools: axe-core and speedscope, from npm' page-tools fetch_page_tools \
      || say 'Tests that need them are skipped.'
  fi
}
