-- One service's roles and database, from APP_URL and OWNER_URL; run again, it renews the passwords.
-- The owner migrates; the application's role reads and writes rows and can change no table.
\set ON_ERROR_STOP on
\set QUIET on
\getenv app_url APP_URL
\getenv owner_url OWNER_URL
SELECT url[1] AS app, url[2] AS app_password, url[3] AS database
  FROM regexp_match(:'app_url', '^\w+://([^:]+):([^@]+)@[^/]+/([^?]+)') AS url \gset
SELECT url[1] AS owner, url[2] AS owner_password
  FROM regexp_match(:'owner_url', '^\w+://([^:]+):([^@]+)@') AS url \gset

SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY[:'app', :'owner']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE :"app" LOGIN PASSWORD :'app_password';
ALTER ROLE :"owner" LOGIN PASSWORD :'owner_password';
GRANT :"app" TO :"owner";

SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'owner')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
-- Not even the owner may make temporary objects: one of them could stand in for a table of ours.
REVOKE TEMPORARY ON DATABASE :"database" FROM :"owner";
REVOKE TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"app";

\connect :"database"
\ir rights.sql
