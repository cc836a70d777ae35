# Runs a command as root in a copy of this machine that ends with it: `overlay.sh FOLDER COMMAND ARG…`, to be started
# by `unshare --mount --pid --fork --kill-child`. Whatever the command installs or starts has ended afterwards.
set -e
folder=$1
shift
mount -t tmpfs tmpfs "$folder"
mkdir "$folder/upper" "$folder/work" "$folder/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
mount -t proc proc "$folder/root/proc"
mount --rbind /dev "$folder/root/dev"
exec chroot "$folder/root" "$@"
