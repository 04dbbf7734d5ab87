#!/bin/sh
# Gives each service named in $PROVISION its roles and its database on this PostgreSQL server.
# Docker's postgres image runs it once, on an empty volume; the native stack runs it at each start.
set -eu
here=${PROVISION_SQL:-$(dirname "$0")}
for service in $PROVISION; do
  upper=$(echo "$service" | tr '[:lower:]' '[:upper:]')
  APP_URL=$(printenv "${upper}_DATABASE_URL")
  OWNER_URL=$(printenv "${upper}_OWNER_DATABASE_URL")
  export APP_URL OWNER_URL
  for file in ${PROVISION_FILES:-service.sql}; do
    "${PSQL:-psql}" --no-psqlrc --username "${POSTGRES_USER:-postgres}" --dbname postgres --file "$here/$file"
  done
done
