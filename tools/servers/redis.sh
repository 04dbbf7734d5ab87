#!/bin/sh
# Starts the broker: nothing is evicted, everything is on disk within a second, and each service has a user that
# reaches its own keys and may add to the others' inboxes for its messages and to their acknowledgements, no more.
# Passwords come from the services' *_BROKER_URL. Further options are handed on to the server.
set -eu
acl=${REDIS_ACL_FILE:-/tmp/users.acl}
umask 077
{
  # Whoever gives no password may ask whether the server is alive.
  echo "user default on nopass resetkeys resetchannels -@all +ping"
  echo "user admin on >$REDIS_ADMIN_PASSWORD ~* &* +@all"
  for service in auth points payments warehouse; do
    url=$(printenv "$(echo "$service" | tr '[:lower:]' '[:upper:]')_BROKER_URL")
    password=${url#*://*:}
    # kombu subscribes to literal channel patterns, so channels cannot be narrowed. It asks how long a queue is,
    # which is a list for each priority: that much anybody may ask of the others' inboxes.
    echo "user $service on >${password%%@*} ~$service:* %W~*:*.inbox.$service %W~*:*.inbox.$service.bulk %W~*:*.acks ~*:_kombu.binding.*" \
      "&* +@all -@admin -@dangerous +info" \
      "(+llen ~*:*.inbox* ~*:*.acks*)"
  done
} >"$acl"
exec "${REDIS_SERVER:-redis-server}" --aclfile "$acl" --protected-mode no \
  --appendonly yes --appendfsync everysec --maxmemory-policy noeviction --save "" "$@"
