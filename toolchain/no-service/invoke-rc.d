#!/bin/sh
# For the install of a Redis server's package only: does not start its service. See apt.ts.
case " $* " in *" redis-server "* | *" valkey-server "*) exit 0 ;; esac
exec /usr/sbin/invoke-rc.d "$@"
