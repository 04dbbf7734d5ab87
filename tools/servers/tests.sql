-- On a server for tests only: the owner may make databases, and new ones begin with the rights of the service's own.
\set ON_ERROR_STOP on
\set QUIET on
\getenv app_url APP_URL
\getenv owner_url OWNER_URL
SELECT substring(:'app_url' FROM '//([^:]+):') AS app, substring(:'owner_url' FROM '//([^:]+):') AS owner \gset
ALTER ROLE :"owner" CREATEDB;
\connect template1
\ir rights.sql
