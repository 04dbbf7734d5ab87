-- Days from 2000 to 2100: content of the schema, which no flush may empty.
CREATE TABLE dim_date (
  date_key integer PRIMARY KEY, day date NOT NULL UNIQUE, year smallint NOT NULL, quarter smallint NOT NULL,
  month smallint NOT NULL, iso_year smallint NOT NULL, iso_week smallint NOT NULL, weekday smallint NOT NULL,
  month_start date NOT NULL, week_start date NOT NULL);
INSERT INTO dim_date
SELECT to_char(day, 'YYYYMMDD')::integer, day, extract(year FROM day), extract(quarter FROM day),
       extract(month FROM day), extract(isoyear FROM day), extract(week FROM day), extract(isodow FROM day),
       date_trunc('month', day), date_trunc('week', day)
FROM generate_series(date '2000-01-01', date '2100-12-31', interval '1 day') AS day;
