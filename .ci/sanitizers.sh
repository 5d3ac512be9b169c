# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Builds with checks that the compiler puts in, each in a folder of its own beside build/: the tests under a
# sanitizer, and the fuzz targets.  Read by ./dev.

sanitize_address ()
{
  # Leaks of the desktop's libraries are not ours to fix; ours are looked for by the leak tests.
  export ASAN_OPTIONS=detect_leaks=0:abort_on_error=1:strict_string_checks=1
  export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 G_SLICE=always-malloc
  run_tests "$1" --no-suite recorder --no-suite preload --no-suite uninstrumented --no-suite lint \
    --timeout-multiplier 4
}

sanitize_thread ()
{
  export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
  run_tests "$1" --no-suite recorder --no-suite preload --no-suite uninstrumented --no-suite lint \
    --no-suite ui --timeout-multiplier 8
}

sanitize_undefined ()
{
  export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
  run_tests "$1" --no-suite lint --timeout-multiplier 2
}

# One sanitizer, in a build folder of its own.  A recorder that lies above a sanitizer's own malloc, and
# reads stacks word by word, is nothing that the address and thread sanitizers can follow: the suites
# "recorder" and "preload", and in others what is of the suite "uninstrumented" too because it records a program,
# run under the undefined-behaviour sanitizer alone.
sanitize_one ()
{
  local kind=$1 folder=$root/build-$1 status=0 checks
  checks=${kind/address/address,undefined}

  step "Configure ($kind)" "configure-$kind" configure "$folder" -Db_sanitize="$checks" \
    -Db_lundef=false -Dwerror=false || return 1 # gcc's warnings know less in such a build
  step "Build ($kind)" "build-$kind" compile "$folder" || return 1
  step "Test ($kind)" "test-$kind" "sanitize_$kind" "$folder" || status=$?
  report_tests "$logs/$step_number-test-$kind.log" "$status"
}

word_sanitize ()
{
  local status=0 kinds=("$@") kind
  [ $# -gt 0 ] || kinds=(address undefined thread)

  for kind in "${kinds[@]}"; do
    case "$kind" in
      address | undefined | thread) ;;
      *) die "sanitize: address, undefined or thread, not $kind" ;;
    esac
  done
  n_steps=$((1 + 3 * ${#kinds[@]}))
  ensure_build_packages "${run_packages[@]}" "${test_packages[@]}"
  for kind in "${kinds[@]}"; do
    sanitize_one "$kind" || status=1
  done
  return "$status"
}

fuzz_one ()
{
  local program=$1 seconds=$2 name corpora

  # What is found goes to the first folder, beside the seeds; what is in the tree is only read.
  name=$(basename "$program")
  corpora=("$root/build-fuzz/corpus/$name")
  [ ! -d "$root/tests/fuzz/corpus/$name" ] || corpora+=("$root/tests/fuzz/corpus/$name")
  mkdir -p "${corpora[0]}"
  "${program%/*}/replay-${name#fuzz-}" --write "${corpora[0]}"
  "$program" -max_total_time="$seconds" -artifact_prefix="${corpora[0]}-" "${corpora[@]}"
}

# Only the targets and what they are made of: a recorder with a fuzzer's coverage in it cannot be loaded.
build_fuzz_targets ()
{
  local file name targets=()

  for file in tests/fuzz/fuzz-*.c; do
    name=$(basename "$file" .c)
    [ "$name" = fuzz-replay ] || targets+=("tests/fuzz/$name" "tests/fuzz/replay-${name#fuzz-}")
  done
  ninja -C "$root/build-fuzz" -j "$jobs" "${targets[@]}"
}

word_fuzz ()
{
  local seconds=${1:-60} program programs status=0
  [[ $seconds =~ ^[0-9]+$ ]] || die "fuzz: seconds for each target, not $seconds"

  programs=(tests/fuzz/fuzz-*.c)
  n_steps=$((2 + ${#programs[@]})) # fuzz-replay.c is no target
  ensure_build_packages "${run_packages[@]}" "${fuzz_packages[@]}"
  export CC=clang-14
  step 'Configure' configure configure "$root/build-fuzz" -Dfuzzing=true -Dapp=false \
    -Db_sanitize=address,undefined -Db_lundef=false
  step 'Build' build build_fuzz_targets
  for program in "$root"/build-fuzz/tests/fuzz/fuzz-*; do
    [ -f "$program" ] || continue
    step "Fuzz ${program##*/} for $seconds s" "${program##*/}" fuzz_one "$program" "$seconds" || status=1
  done
  return "$status"
}
