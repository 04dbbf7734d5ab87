-- Serves `name__istartswith`, which Django writes as UPPER(name::text) LIKE UPPER('…%').
CREATE INDEX user_by_name ON identity_user (upper(name::text) varchar_pattern_ops);
