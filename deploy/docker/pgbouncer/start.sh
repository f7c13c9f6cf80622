#!/bin/sh
# Writes PgBouncer's list of users from the services' password files, then becomes PgBouncer.
# A list that is mounted (/run/secrets/userlist.txt) is taken as it is.
set -eu
umask 077
secrets=${SECRETS:-/run/secrets}
list=${USERLIST:-/tmp/userlist.txt}

if [ -f "$secrets/userlist.txt" ]; then
  cat "$secrets/userlist.txt" >"$list"
else
  : >"$list"
  for service in documents eligibility intake quota; do
    variable=$(echo "$service" | tr '[:lower:]' '[:upper:]')_PASSWORD
    password=$(sed 's/"/""/g' "$secrets/$variable") # a missing file ends the start
    printf '"%s" "%s"\n' "$service" "$password" >>"$list"
  done
fi
exec "${PGBOUNCER:-/usr/sbin/pgbouncer}" "${INI:-/etc/pgbouncer/pgbouncer.ini}"
