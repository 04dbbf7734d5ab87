#!/bin/sh
# Writes the password file of Flower's sign-in at the gateway, in the container's memory.
set -eu
umask 077
printf '%s:{PLAIN}%s\n' "${FLOWER_BASIC_AUTH%%:*}" "${FLOWER_BASIC_AUTH#*:}" >"$FLOWER_HTPASSWD_FILE"
