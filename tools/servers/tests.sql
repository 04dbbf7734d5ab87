-- On a server for tests only: the owner may make databases, and new ones begin with the same privileges.
\set ON_ERROR_STOP on
\set QUIET on
\getenv app_url APP_URL
\getenv owner_url OWNER_URL
SELECT substring(:'app_url' FROM '//([^:]+):') AS app, substring(:'owner_url' FROM '//([^:]+):') AS owner \gset
ALTER ROLE :"owner" CREATEDB;
\connect template1
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" GRANT USAGE, SELECT ON SEQUENCES TO :"app";
