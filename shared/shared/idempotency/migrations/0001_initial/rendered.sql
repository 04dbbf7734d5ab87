-- Renders a text with placeholders (shared.postgres.render): what an operation's function left in `render.values` stands in
-- their place.
CREATE FUNCTION rendered(template text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT replace(replace(replace(template,
    E'\x01', split_part(current_setting('render.values'), E'\x01', 1)),
    E'\x02', split_part(current_setting('render.values'), E'\x01', 2)),
    E'\x03', split_part(current_setting('render.values'), E'\x01', 3))
$$;
