# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Completion of memscope and memscope-gui for bash.  Options are those of the --help of the program whose
# name is being typed, so that they are never others than it has.  Processes of a recording are the names
# of the folders in it.  Needs nothing of bash-completion, but uses it for the words of a recorded program.

# PROGRAM [COMMAND]: a line for each option, "OPTION 0|1": 1 if it takes a value.
_memscope_options ()
{
  local help=--help
  [ $# != 1 ] || help=--help-all
  "$@" $help 2>/dev/null </dev/null | awk '/^ +-/ {
    sub (/^ +/, ""); n = 0
    while (match ($0, /^--?[a-zA-Z0-9][a-z0-9-]*/))
      {
        options[++n] = substr ($0, 1, RLENGTH); $0 = substr ($0, RLENGTH + 1)
        if (substr ($0, 1, 2) != ", ") break
        $0 = substr ($0, 3)
      }
    for (i = 1; i <= n; i++) print options[i], /^(=| [A-Z])/ ? 1 : 0
  } END { print "-h 0"; print "--help 0" }'
}

_memscope_commands ()
{
  "$1" --help 2>/dev/null </dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p'
}

# FOLDER: the programs and the ids of the processes in a recording, which has a folder
# NUMBER-PROGRAM.PID for each.
_memscope_processes ()
{
  local folder name

  for folder in "$1"/[0-9]*-*.[0-9]*/; do
    [ -d "$folder" ] || continue
    name=${folder%/}
    name=${name##*/}
    name=${name#*-}
    printf '%s\n' "${name%.*}" "${name##*.}"
  done | sort -u
}

# PROGRAM FIGURE: "pid" or "program" of each that is being recorded just now; names as far as they are asked for.
_memscope_running ()
{
  "$1" list --json 2>/dev/null </dev/null | sed -nE "s/^ *\"$2\": \"?([^\" :,\\\\]+).*/\1/p" | sort -u
}

# Offers those of the words, one a line, that begin with what is typed.
_memscope_offer ()
{
  local line

  while IFS= read -r line; do
    [[ -z $line || $line != "$cur"* ]] || COMPREPLY+=("$(printf '%q' "$line")")
  done
}

# Likewise of a list with commas.
_memscope_offer_list ()
{
  local before='' word

  [[ $cur != *,* ]] || before=${cur%,*},
  for word; do
    [[ $before$word != "$cur"* || ,$before == *,"$word",* ]] || COMPREPLY+=("$before$word")
  done
  compopt -o nospace 2>/dev/null
}

_memscope_offer_files ()
{
  compopt -o default 2>/dev/null
}

_memscope_offer_folders ()
{
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen -d -- "$cur")
}

# The value of the option $1 of the command $2; the words after the command follow.
_memscope_value ()
{
  local option=$1 command=$2 word
  shift 2

  case $command:$option in
    export:--format | export:-f)
      _memscope_offer_list html json csv collapsed speedscope pprof perfetto massif ;;
    record:--preset)
      _memscope_offer < <(printf '%s\n' default demo high_precision leak_detection performance_optimized) ;;
    record:--threads | change:--threads)
      _memscope_offer_list all none main even odd every: tid: start: ;;
    diff:--by | diff:-b)
      _memscope_offer < <(printf '%s\n' peak_bytes bytes_at_process_peak live_bytes leaked_bytes \
        leaked_allocations allocated_bytes allocations deallocations temporary_allocations) ;;
    gui:--page)
      _memscope_offer < <(printf '%s\n' overview threads timeline correlation memory system compare) ;;
    gui:--attach)
      _memscope_offer < <(_memscope_running memscope pid) ;;
    *:--color)
      _memscope_offer < <(printf '%s\n' auto always never) ;;
    *:--process* | *:-p)
      for word; do
        [ ! -d "$word" ] || _memscope_offer < <(_memscope_processes "$word")
      done
      [ "$command" = diff ] || _memscope_offer <<<all ;;
    record:--output | record:-o | demo:--output | demo:-o | export:--output | export:-o | trim:--output | trim:-o)
      _memscope_offer_folders ;;
    *:--suppressions | report:-s | *:--ledger | *:--screenshot | agent:*)
      _memscope_offer_files ;;
  esac
}

# Whether the option $1 takes a value, by the lines of $options.
_memscope_takes_value () { [[ $'\n'$options$'\n' == *$'\n'"$1 1"$'\n'* ]]; }

_memscope ()
{
  local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} program=${1/#\~\//$HOME/}
  local command options first=2 i

  COMPREPLY=()
  # "--color=al" comes as three words.
  if [ "$cur" = = ]; then
    cur=
  elif [ "$previous" = = ]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi

  if [[ ${program##*/} == memscope-gui* ]]; then
    command=gui first=1 options=$(_memscope_options "$program")
  elif [ "$COMP_CWORD" = 1 ]; then
    _memscope_offer < <(_memscope_commands "$program"; printf '%s\n' --help --version)
    return
  else
    command=${COMP_WORDS[1]}
    if [ "$command" = help ]; then
      _memscope_offer < <(_memscope_commands "$program")
      return
    fi
    options=$(_memscope_options "$program" "$command")
  fi

  # The program that is to be recorded, and what follows it, are completed as if they stood alone.
  if [ "$command" = record ]; then
    for ((i = first; i <= COMP_CWORD; i++)); do
      case ${COMP_WORDS[i]} in
        --) i=$((i + 1)); break ;;
        =) i=$((i + 1)) ;;
        -*)
          # Its value is the next word but "=", which the loop leaves out.
          if [ "${COMP_WORDS[i + 1]}" != = ] && _memscope_takes_value "${COMP_WORDS[i]}"; then
            i=$((i + 1))
          fi ;;
        *) break ;;
      esac
    done
    if [ "$i" -lt "$COMP_CWORD" ] || { [ "$i" = "$COMP_CWORD" ] && [[ $cur != -* ]]; }; then
      if declare -F _command_offset >/dev/null; then
        _command_offset "$i"
      elif [ "$i" = "$COMP_CWORD" ]; then
        mapfile -t COMPREPLY < <(compgen -c -- "$cur")
      else
        _memscope_offer_files
      fi
      return
    fi
  fi

  if _memscope_takes_value "$previous"; then
    _memscope_value "$previous" "$command" "${COMP_WORDS[@]:first}"
  elif [[ $cur == -* ]]; then
    _memscope_offer < <(cut -d ' ' -f 1 <<<"$options" | sort -u)
  elif [[ $command =~ ^(attach|change|snapshot)$ ]]; then
    _memscope_offer < <(_memscope_running "$program" pid; _memscope_running "$program" program)
  else
    _memscope_offer_files # recordings are folders; what other tools wrote are files
  fi
}

complete -F _memscope memscope memscope-gui
