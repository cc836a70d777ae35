# Ends what a killed process leaves behind. Its standard input is a pipe that the guarded process holds: first comes
# the pid of a child that leads its own process group, then its folder, if it has one of its own, then nothing, until
# the pipe closes. Then that child, its descendants (Pulumi gives each plugin a group of its own) and its group are
# killed, and the folder is deleted. See child.ts.
read -r child || exit 0
read -r folder || folder=
while read -r _; do :; done

# One line a process: pid and parent.
processes() {
  if [ -r /proc/self/stat ]; then
    for stat in /proc/[0-9]*/stat; do
      { read -r line <"$stat"; } 2>/dev/null || continue
      # The name, in brackets, may hold anything.
      rest=${line##*) }
      rest=${rest#* }
      echo "${line%% *} ${rest%% *}"
    done
  else
    ps -A -o pid= -o ppid=
  fi
}

# Stopped, it starts no more children while they are counted.
kill -STOP "$child" 2>/dev/null
family=" $child "
listed=$(processes)
grown=yes
while [ "$grown" ]; do
  grown=
  while read -r pid parent; do
    case $family in
      *" $pid "*) ;;
      *" $parent "*) family="$family$pid " grown=yes ;;
    esac
  done <<END
$listed
END
done
# The child last: its end shows the guarded process, if that still runs, that all have ended.
for pid in ${family#" $child "}; do kill -KILL "$pid" 2>/dev/null; done
kill -KILL "-$child" 2>/dev/null
[ "$folder" ] && rm -rf "$folder"
exit 0
