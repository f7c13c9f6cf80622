-- One service's login role and its two schemas, in the database that you are connected to.
-- Run it for each of intake, eligibility, quota and documents (the gateway stores nothing), by a role that may
-- create roles; a second run changes nothing but the password:
--
--   psql "$ADMIN_URL" -v ON_ERROR_STOP=1 -v service=quota -v password='…' -f deploy/sql/roles.sql
--
-- The local runner and the tests run this same file. Values enter as :'service' and :'password' only.

SELECT format('CREATE ROLE %I', :'service')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'service') \gexec

SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', :'service', :'password') \gexec

-- An administrator who is no superuser (managed databases) must be a member to hand a schema over.
SELECT format('GRANT %I TO CURRENT_USER', :'service')
WHERE NOT pg_has_role(current_user, :'service', 'member') \gexec

-- For every database of the cluster: copies made with TEMPLATE lose settings made IN DATABASE.
SELECT format('ALTER ROLE %I SET search_path = %I', :'service', :'service') \gexec

-- Time-outs of the role, for whoever comes through PgBouncer: it cannot pass on those that a service asks for when it
-- connects. A direct connection sets its own. Made once: what an operator has changed stays.
SELECT format('ALTER ROLE %I SET statement_timeout = %L', :'service', '10s')
WHERE NOT EXISTS (
  SELECT FROM pg_roles, unnest(rolconfig) AS setting
  WHERE rolname = :'service' AND setting LIKE 'statement_timeout=%'
) \gexec

SELECT format('ALTER ROLE %I SET lock_timeout = %L', :'service', '5s')
WHERE NOT EXISTS (
  SELECT FROM pg_roles, unnest(rolconfig) AS setting
  WHERE rolname = :'service' AND setting LIKE 'lock_timeout=%'
) \gexec

SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()) \gexec

SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), :'service') \gexec

SELECT format('REVOKE ALL ON SCHEMA public FROM PUBLIC')
WHERE EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public') \gexec

SELECT format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', :'service', :'service') \gexec

SELECT format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', :'service' || '_jobs', :'service') \gexec
