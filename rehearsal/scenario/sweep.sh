# Ends a rehearsal: its processes, then its folder. Standard input is a pipe that the command holds. First come the
# rehearsal's marker, its folder and the pid of its first process, then nothing until the pipe closes: the command has
# ended, in whatever way.
read -r marker || exit 0
read -r folder || exit 0
read -r first || first=
while read -r _; do :; done

# Every process has the marker in its environment. A Redis server writes over its environment, but works in the folder.
members() {
  grep -laF "$marker" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3
  ls -ld /proc/[0-9]*/cwd 2>/dev/null | grep -F -- "-> $folder" | sed 's:.* /proc/\([0-9]*\)/cwd.*:\1:'
}

if [ -r /proc/self/environ ]; then
  # A process may start another one while it is being found: again, until none is left.
  round=0
  while [ "$round" -lt 100 ]; do
    round=$((round + 1))
    pids=$(members)
    [ "$pids" ] || break
    # shellcheck disable=SC2086
    kill -KILL $pids 2>/dev/null
  done
else
  # The first process leads a group, and each command in it has a watchdog of its own.
  [ "$first" ] && kill -KILL "-$first" 2>/dev/null
fi
rm -rf "$folder" || { sleep 1; rm -rf "$folder"; }
