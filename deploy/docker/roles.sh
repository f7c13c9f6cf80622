#!/bin/sh
# Runs roles.sql for every service that stores something, with passwords from files; can be repeated.
# psql reads the passwords itself, so that they stand in no command line. Connection: PGHOST, PGDATABASE, …
set -eu
secrets=${SECRETS:-/run/secrets}
script=${ROLES_SQL:-/sql/roles.sql}
if [ -f "$secrets/POSTGRES_PASSWORD" ]; then
  PGPASSWORD=$(cat "$secrets/POSTGRES_PASSWORD")
  export PGPASSWORD
fi

for service in documents eligibility intake quota; do
  file=$secrets/$(echo "$service" | tr '[:lower:]' '[:upper:]')_PASSWORD
  test -s "$file" || { echo "$file is missing or empty" >&2; exit 1; }
  psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 -v service="$service" <<SQL
\set password \`cat $file\`
\i $script
SQL
  echo "$service: role and schemas are there"
done
