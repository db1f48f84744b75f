-- SPDX-License-Identifier: GPL-2.0-or-later
-- history.sql - what doors told in two years, for benchmarks: psql with
-- variables events, newest (so many of them are written, the last), persons,
-- doors and zones, as a superuser. Checks of foreign keys are left out and
-- indexes are made at the end, or it would take an hour; everything else is as
-- a feed would have written it.
\set ON_ERROR_STOP on
SET search_path = sekisho;
SET session_replication_role = replica;
SET maintenance_work_mem = '1GB';

-- those that are there, or some that can do nothing but walk
INSERT INTO person (login, name)
SELECT 'walker' || to_char(n, 'FM000000'), 'walker' FROM generate_series(1, :persons) n
 WHERE (SELECT count(*) FROM person) < :persons;
-- somebody has looked after alarms until a month ago; there was none since
INSERT INTO zone (name, alarm_over_at)
SELECT 'zone ' || n, now() - interval '30 days' FROM generate_series(1, :zones) n;
-- into each zone several doors, from outside or from the first zone
INSERT INTO door (name, from_zone, to_zone, method_in, method_out)
SELECT 'door ' || n,
       CASE WHEN n % 2 = 0 AND n % :zones <> 0 THEN (SELECT id FROM zone WHERE name = 'zone 1') END,
       (SELECT id FROM zone WHERE name = 'zone ' || 1 + n % :zones),
       (ARRAY['card', 'card', 'card_pin', 'biometric', 'uid'])[1 + n % 5],
       CASE WHEN n % 3 > 0 THEN 'card' ELSE '' END
  FROM generate_series(1, :doors) n;
INSERT INTO door_source (name) VALUES ('history');

CREATE TEMP TABLE aside AS
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition, c.conname,
       pg_get_constraintdef(c.oid) AS rule
  FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.conrelid = i.indrelid
 WHERE i.indrelid = 'door_event'::regclass AND NOT i.indisprimary;
SELECT CASE WHEN conname IS NULL THEN format('DROP INDEX %s', name)
       ELSE format('ALTER TABLE door_event DROP CONSTRAINT %I', conname) END FROM aside
\gexec

-- By a number's hash: alike in each run. Of twenty events nine enter, seven
-- leave, two say that a door was opened, one that it closed, and one is
-- something else. Most happen around noon.
INSERT INTO door_event (source_id, event, kind, door_id, person_id, zone_id, method, at,
    received_at, quarantine, detail)
SELECT s.id, to_char(e.n, 'FM000000000'), e.kind, d.id, p.id,
       CASE e.kind WHEN 'enter' THEN d.to_zone WHEN 'leave' THEN d.from_zone END,
       CASE e.kind WHEN 'enter' THEN d.method_in WHEN 'leave' THEN d.method_out ELSE '' END,
       e.at, e.at + interval '1 second' * (e.h % 3), CASE e.kind WHEN 'unknown' THEN 'kind_unknown' ELSE '' END,
       CASE WHEN p.id IS NULL THEN '{}' ELSE '{"by": "login"}'::jsonb END
  FROM (SELECT n, h, at, CASE WHEN h % 20 < 9 THEN 'enter' WHEN h % 20 < 16 THEN 'leave'
                WHEN h % 20 < 18 THEN 'opened' WHEN h % 20 < 19 THEN 'closed'
                WHEN h % 100 < 60 THEN 'denied' WHEN h % 100 < 80 THEN 'held'
                WHEN h % 1000 < 900 OR at > now() - interval '31 days' THEN 'unknown'
                WHEN h % 3 = 0 THEN 'fire' WHEN h % 3 = 1 THEN 'fire_over' ELSE 'forced' END AS kind
          FROM (SELECT n, hashint8extended(n, 1) & 1073741823 AS h,
                       now() - interval '1 day' * (730 - day - share - 0.12 * sin(2 * pi() * share)) AS at
                  FROM (SELECT n, floor(n * 730.0::float8 / :events) AS day,
                               n * 730.0::float8 / :events - floor(n * 730.0::float8 / :events) AS share
                          FROM generate_series(1 + :events - :newest, :events) n) t) h) e
       CROSS JOIN (SELECT array_agg(id ORDER BY name) AS ids FROM door WHERE name LIKE 'door %') ds
       CROSS JOIN (SELECT array_agg(id) AS ids FROM (SELECT id FROM person ORDER BY login LIMIT :persons) x) ps
       CROSS JOIN (SELECT id FROM door_source WHERE name = 'history') s
       JOIN door d ON d.id = ds.ids[1 + (e.h >> 7) % :doors]
       LEFT JOIN person p ON e.kind IN ('enter', 'leave', 'denied')
           AND p.id = ps.ids[1 + (hashint8extended(e.n, 2) & 1073741823) % :persons];
-- What was held open is closed in the end, and no fire burns.
INSERT INTO door_event (source_id, event, kind, door_id, at, received_at)
SELECT s.id, k.kind || ' ' || d.name, k.kind, d.id, now() - interval '1 hour', now() - interval '1 hour'
  FROM door d, door_source s, (VALUES ('closed'), ('fire_over')) k (kind)
 WHERE d.name LIKE 'door %' AND s.name = 'history';

SELECT CASE WHEN conname IS NULL THEN definition
       ELSE format('ALTER TABLE door_event ADD CONSTRAINT %I %s', conname, rule) END FROM aside
\gexec
VACUUM ANALYZE;
CHECKPOINT;
