# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Completion of memscope and memscope-gui for fish.  Options, with their descriptions, are those that the
# installed programs' --help has when this is read.  Processes of a recording are the names of the folders
# in it, NUMBER-PROGRAM.PID.

# The lines of a help text: "-o, --output<TAB>=DIR<TAB>where to write", the middle empty for a switch.
function __memscope_options
    string replace -rf '^ +((?:-[a-zA-Z0-9], )?--[a-z][a-z0-9-]*)((?:=| (?=[A-Z]))\S+)? *(.*)$' '$1\t$2\t$3' -- $argv
end

function __memscope_processes
    for word in (commandline -opc)
        for folder in $word/*-*.*/
            string match -rg '^[0-9]+-(.*)\.([0-9]+)$' -- (basename $folder)
        end
    end | sort -u
    echo all
end

# Programs that are being recorded just now: by number, and with an argument by name as well.
function __memscope_running
    set -l pid
    for line in (memscope list --json 2>/dev/null)
        if set -l found (string match -rg '^ *"pid": ([0-9]+)' -- $line)
            set pid $found
        else if set -l found (string match -rg '^ *"program": "(.*)",$' -- $line)
            printf '%s\t%s\n' $pid $found
            set -q argv[1]; and string replace -r '[ :].*' '' -- $found
        end
    end
end

# The program that "record" shall run, and what follows it, as if they stood alone.
function __memscope_recorded
    set -l words (commandline -opc)
    set -e words[1..2]
    while set -q words[1]; and string match -q -- '-*' $words[1]
        set -l option $words[1]
        set -e words[1]
        test $option = --; and break
        contains -- $option $__memscope_record_values; and set -e words[1]
    end
    set -l current (commandline -ct | string collect -a)
    # An option of record itself.
    test (count $words) = 0; and string match -q -- '-*' $current; and return
    complete -C(string join ' ' -- (string escape -- $words) $current)
end

# What may be the value of an option of a command: arguments of "complete".
function __memscope_values -a option
    switch $option
        case export:--format
            echo "(__fish_complete_list , 'printf %s\\\\n html json csv collapsed speedscope pprof perfetto massif')"
        case record:--preset
            echo default demo high_precision leak_detection performance_optimized
        case record:--threads change:--threads
            echo "(__fish_complete_list , 'printf %s\\\\n all none main even odd every: tid: start:')"
        case diff:--by
            echo peak_bytes bytes_at_process_peak live_bytes leaked_bytes leaked_allocations allocated_bytes \
                allocations deallocations temporary_allocations
        case gui:--page
            echo overview threads timeline correlation memory system compare
        case gui:--attach
            echo '(__memscope_running)'
        case '*:--color'
            echo auto always never
        case '*:--process*'
            echo '(__memscope_processes)'
        case '*:--output'
            echo '(__fish_complete_directories)'
    end
end

# PROGRAM COMMAND CONDITION HELP...: one "complete" for each option.
function __memscope_add -a program command condition
    for line in (__memscope_options $argv[4..])
        set -l fields (string split \t -- $line)
        set -l names (string split ', ' -- $fields[1])
        set -l arguments -c $program -d "$fields[3]" -l (string sub -s 3 -- $names[-1])
        test -z "$condition"; or set -a arguments -n $condition
        test (count $names) = 1; or set -a arguments -s (string sub -s 2 -- $names[1])
        if test -n "$fields[2]"
            set -a arguments -r
            test $command = record; and set -ga __memscope_record_values $names
            set -l values (__memscope_values $command:$names[-1])
            if test -n "$values"
                set -a arguments -f -a "$values"
            end
        end
        complete $arguments
    end
end

complete -c memscope -n __fish_use_subcommand -f
complete -c memscope -n __fish_use_subcommand -l help -s h -d 'list the commands'
complete -c memscope -n __fish_use_subcommand -l version -d 'print the version'
for line in (memscope --help 2>/dev/null | string replace -rf '^  ([a-z]+) .*?  +(\S.*)$' '$1\t$2')
    set -l fields (string split \t -- $line)
    set -l name $fields[1]
    complete -c memscope -n __fish_use_subcommand -a $name -d "$fields[2]"
    test $name = help; and continue
    complete -c memscope -n "__fish_seen_subcommand_from help" -f -a $name
    complete -c memscope -n "__fish_seen_subcommand_from $name" -l help -s h -d 'list the options'
    __memscope_add memscope $name "__fish_seen_subcommand_from $name" (memscope $name --help 2>/dev/null)
end
complete -c memscope -n '__fish_seen_subcommand_from record' -f -a '(__memscope_recorded)'
complete -c memscope -n '__fish_seen_subcommand_from attach change snapshot' -f -a '(__memscope_running names)'
__memscope_add memscope-gui gui '' (memscope-gui --help-all 2>/dev/null)
