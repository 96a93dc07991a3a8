import type { Migration } from './migrate.ts'

/** The channel on which stores tell one another that the log has grown. */
export const channel = 'channel_ledger'

/**
 * Positions are dense and in commit order over any number of processes (integrity.md §3.4(6)): every flush holds one
 * advisory lock until it commits, and numbers its rows from `ledger_head` in the same transaction. A reader may
 * therefore go on with `position > last`, and `ledger_head` is at the last row of its own snapshot.
 *
 * Lists of texts come as one text with line feeds between: canonical JSON, ids and names hold none, and taking that
 * apart is several times cheaper, on both sides, than PostgreSQL's array text with its escapes.
 */
export const ledgerMigrations: readonly Migration[] = [
  {
    name: '0001-events',
    sql: `
CREATE TABLE ledger_events (
  position bigint PRIMARY KEY,
  stream text COLLATE "C" NOT NULL,
  revision integer NOT NULL,
  id uuid NOT NULL UNIQUE,
  type text COLLATE "C" NOT NULL,
  command_id uuid,
  recorded_at bigint NOT NULL, -- ms since 1970, never falling as positions rise
  envelope text NOT NULL,
  data text NOT NULL,
  UNIQUE (stream, revision)
);

CREATE TABLE ledger_head (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  position bigint NOT NULL,
  recorded_at bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO ledger_head (position, recorded_at) VALUES (0, 0);

CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'events are immutable: % on ledger_events', TG_OP;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_events
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();

-- Writes the appends of one flush; each one's revision check fails alone. Arrays without "of" are per append, in order.
-- Outcomes: 0 appended, 1 repeated, 2 conflict. The caller sees to it that no event id occurs twice in one flush.
CREATE FUNCTION ledger_append(
  streams text,            -- distinct, one per line
  stream_of integer[],     -- line of the append's stream
  expected integer[],
  counts integer[],        -- events of the append
  times bigint[],          -- recordedAt, or NULL for the clock of the database
  append_of integer[],     -- per event: its append
  event_revisions integer[],
  event_ids text,          -- and so on: one per line, per event
  event_types text,
  event_commands text,     -- empty lines for none
  event_envelopes text,
  event_data text,
  OUT outcomes integer[],
  OUT revisions integer[], -- of the append's last event; of the stream in a conflict
  OUT positions bigint[]   -- of the append's last event; NULL in a conflict
)
LANGUAGE plpgsql
-- Plans are made once per connection, perhaps while the tables are empty: they must not turn into scans.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
DECLARE
  stream_names text[] := string_to_array(streams, E'\\n');
  ids uuid[] := string_to_array(event_ids, E'\\n')::uuid[];
  current integer[];
  recorded bigint[];
  now_ms bigint;
  head bigint;
  head_before bigint;
  newest bigint;
  known record;
  s integer;
BEGIN
  PERFORM pg_advisory_xact_lock(4210968032);
  now_ms := extract(epoch FROM clock_timestamp()) * 1000;
  SELECT h.position, h.recorded_at INTO STRICT head, newest FROM ledger_head h;
  head_before := head;

  SELECT array_agg(coalesce(last.revision, -1) ORDER BY u.n) INTO current
  FROM unnest(stream_names) WITH ORDINALITY AS u(stream, n)
  LEFT JOIN LATERAL (
    SELECT e.revision FROM ledger_events e WHERE e.stream = u.stream ORDER BY e.revision DESC LIMIT 1
  ) last ON true;

  FOR known IN
    SELECT u.append, max(e.position) AS last,
      count(*) FILTER (WHERE e.stream = stream_names[stream_of[u.append]] AND e.revision = u.revision) AS in_place
    FROM unnest(ids, append_of, event_revisions) AS u(id, append, revision)
    JOIN ledger_events e ON e.id = u.id
    GROUP BY u.append
  LOOP
    IF known.in_place = counts[known.append] THEN
      outcomes[known.append] := 1;
      positions[known.append] := known.last;
    ELSE
      outcomes[known.append] := 2;
    END IF;
  END LOOP;

  FOR i IN 1 .. cardinality(expected) LOOP
    s := stream_of[i];
    IF outcomes[i] = 1 THEN
      revisions[i] := expected[i] + counts[i];
    ELSIF outcomes[i] IS NULL AND expected[i] = current[s] THEN
      current[s] := current[s] + counts[i];
      head := head + counts[i];
      newest := greatest(newest, coalesce(times[i], now_ms));
      outcomes[i] := 0;
      revisions[i] := current[s];
      positions[i] := head;
      recorded[i] := newest;
    ELSE
      outcomes[i] := 2;
      revisions[i] := current[s];
      positions[i] := NULL;
    END IF;
  END LOOP;

  IF head > head_before THEN
    INSERT INTO ledger_events (position, stream, revision, id, type, command_id, recorded_at, envelope, data)
    SELECT positions[u.append] - revisions[u.append] + u.revision, stream_names[stream_of[u.append]], u.revision,
      u.id, u.type, u.command, recorded[u.append], u.envelope, u.data
    FROM unnest(
      ids, append_of, event_revisions, string_to_array(event_types, E'\\n'),
      string_to_array(event_commands, E'\\n', '')::uuid[], string_to_array(event_envelopes, E'\\n'),
      string_to_array(event_data, E'\\n')
    ) AS u(id, append, revision, type, command, envelope, data)
    WHERE outcomes[u.append] = 0;
    UPDATE ledger_head SET position = head, recorded_at = newest;
  END IF;
END $$;

-- The last position recorded at or before an instant: recorded_at rises with position, and positions are dense.
CREATE FUNCTION ledger_position_at(instant bigint) RETURNS bigint LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
AS $$
DECLARE
  low bigint := 0;
  high bigint := (SELECT h.position FROM ledger_head h);
  middle bigint;
BEGIN
  WHILE low < high LOOP
    middle := (low + high + 1) / 2;
    IF (SELECT e.recorded_at FROM ledger_events e WHERE e.position = middle) <= instant THEN
      low := middle;
    ELSE
      high := middle - 1;
    END IF;
  END LOOP;
  RETURN low;
END $$;
`,
  },
]
