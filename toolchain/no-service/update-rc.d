#!/bin/sh
# For the install of a Redis server's package only: registers its service as disabled. See apt.ts.
case "$*" in "redis-server defaults" | "valkey-server defaults") exec /usr/sbin/update-rc.d "$1" defaults-disabled ;; esac
exec /usr/sbin/update-rc.d "$@"
