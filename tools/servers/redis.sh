#!/bin/sh
# Starts the broker: nothing is evicted, everything is on disk within a second, and each service has a user that
# reaches its own keys and may add to the others' inboxes for its messages and to their acknowledgements, no more.
# Passwords come from the services' *_BROKER_URL. Further options are handed on to the server.
set -eu
acl=${REDIS_ACL_FILE:-/tmp/users.acl}
umask 077

# What $service may do outside its own keys: put its messages and reports on the others' queues, where kombu looks up
# which queue is meant, and ask how long an inbox is, which is a list for each priority.
into_others() {
  for other in $services; do
    [ "$other" = "$service" ] && continue
    for queue in "inbox.$service" "inbox.$service.bulk" "acks.$service"; do
      echo "(+lpush %W~$other:$other.$queue)" \
        "(+sadd +smembers ~$other:_kombu.binding.$other.$queue ~$other:_kombu.binding_permanent.$other.$queue)"
    done
    echo "(+llen ~$other:$other.inbox* ~$other:$other.acks*)"
  done | tr '\n' ' '
}

{
  # Whoever gives no password may ask whether the server is alive.
  echo "user default on nopass resetkeys resetchannels -@all +ping"
  echo "user admin on >$REDIS_ADMIN_PASSWORD ~* &* +@all"
  services="auth points payments warehouse"
  for service in $services; do
    url=$(printenv "$(echo "$service" | tr '[:lower:]' '[:upper:]')_BROKER_URL")
    password=${url#*://*:}
    # kombu subscribes to these patterns, of events and of commands to workers, letter by letter.
    events="$service:/${url##*/}."
    # A lock of kombu's ends by a script of its own: no other is run, and none of anybody's is taken away. PFMERGE of one
    # key alone is a command whose key no server finds, so that it would be let through whosever that is.
    echo "user $service on >${password%%@*} ~$service:* &$service:* &${events}celeryev/* &${events}celeryev/worker.* &${events}celery.pidbox" \
      "+@all -@admin -@dangerous +info -@hyperloglog -@scripting +evalsha +script|load +script|exists" \
      "$(into_others)"
  done
} >"$acl"
exec "${REDIS_SERVER:-redis-server}" --aclfile "$acl" --protected-mode no \
  --appendonly yes --appendfsync everysec --maxmemory-policy noeviction --save "" "$@"
