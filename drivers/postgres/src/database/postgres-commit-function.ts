// The function that commits a group of units of work, and the one that finds out what became of a group whose answer was lost.
// Invariant: each is called as one statement that is a transaction of its own, so a client that is frozen holds nothing. First it takes the turn; only what
// comes after sees what others have committed, because each statement of a function sees what was committed when that statement began.

import { sqlState } from './postgres-errors.ts'
import { quotedText } from './postgres-names.ts'
import { type StorePlace, takeTurn } from './postgres-schema.ts'

/** How many revisions one number of the sequence stands for, and so the most units of a group. */
export const revisionsPerGroup = 1_024

/** The longest that a commit waits for its turn, in milliseconds. */
const turnTimeoutMs = 10_000

/** The parameters of `tidings_commit`, in their order, with their types. The parts of one kind have one list for each column. */
export const commitParameters = [
  ...['p_run text', 'p_number bigint', 'p_generation int', 'p_is_flushed boolean'],
  // For each table: the end of its functions' names, and where its part of the lists of checks, rows, deletions and values ends.
  ...['t_functions text[]', 'c_ends int[]', 'w_ends int[]', 'd_ends int[]', 'v_ends int[]'],
  ...['c_units int[]', 'c_keys text[]', 'c_revisions bigint[]'],
  ...['w_units int[]', 'w_keys text[]', 'w_versions int[]', 'w_docs text[]', 'v_values text[]'],
  ...['d_units int[]', 'd_keys text[]'],
  ...['h_units int[]', 'h_positions bigint[]'],
  ...['a_units int[]', 'a_categories text[]', 'a_streams text[]', 'a_expected bigint[]'],
  ...['f_units int[]', 'f_occurred_at float8[]', 'f_recorded_at float8[]', 'f_stream_versions bigint[]'],
  ...['f_versions int[]', 'f_checksums int[]', 'f_categories text[]', 'f_streams text[]', 'f_types text[]'],
  ...['f_correlation_ids text[]', 'f_causation_ids text[]', 'f_caused_by text[]', 'f_principals text[]'],
  ...['f_tenants text[]', 'f_data text[]'],
  ...['e_units int[]', 'e_occurred_at float8[]', 'e_recorded_at float8[]', 'e_entity_versions bigint[]'],
  ...['e_versions int[]', 'e_readable_from int[]', 'e_checksums int[]', 'e_slots smallint[]'],
  ...['e_ids text[]', 'e_types text[]', 'e_keys text[]', 'e_correlation_ids text[]', 'e_causation_ids text[]'],
  ...['e_caused_by text[]', 'e_principals text[]', 'e_tenants text[]', 'e_traceparents text[]'],
  ...['e_tracestates text[]', 'e_data text[]', 'e_downcasts text[]'],
] as const

// Plans are made once for each connection, often while the tables are still empty. So they never read a whole table, however small it seems.
const settings = `SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
  SET jit = off SET lock_timeout = ${turnTimeoutMs}`

const outcome = `OUT revision bigint, OUT events_head bigint, OUT facts_head bigint, OUT conflicts text`

const listOf = (prefix: string) =>
  commitParameters.filter((each) => each.startsWith(`${prefix}_`)).map((each) => each.split(' ')[0])

/** The statements that drop the functions of a store, so that they can be created for another place. */
export function dropFunctionStatements({ in: own }: StorePlace): readonly string[] {
  return ['tidings_commit', 'tidings_find_out', 'tidings_expect_layout'].map((name) => `DROP FUNCTION ${own(name)}`)
}

/** The statements that create the functions of a store. */
export function functionStatements(place: StorePlace): readonly string[] {
  return [commitFunction(place), findOutFunction(place), expectLayoutFunction(place)]
}

function commitFunction(place: StorePlace): string {
  const { in: own, schemaName } = place
  const call = (kind: string) =>
    `format('SELECT %I.%I', ${quotedText(schemaName)}, 'tidings_${kind}_' || t_functions[i])`
  return `CREATE FUNCTION ${own('tidings_commit')} (${commitParameters.join(', ')}, ${outcome})
LANGUAGE plpgsql ${settings} AS $function$
#variable_conflict use_column
DECLARE
  failed int[] := '{}';
  wrong int[];
  wrong_rows text := '';
  wrong_streams text;
  c_from int := 0; w_from int := 0; d_from int := 0; v_from int := 0;
  event_at float8; fact_at float8;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'the default transaction isolation of the role or the database is not "read committed"' USING ERRCODE = '${sqlState.wrongIsolation}';
  END IF;
  IF p_is_flushed <> (current_setting('synchronous_commit') <> 'off') THEN
    PERFORM set_config('synchronous_commit', CASE WHEN p_is_flushed THEN 'on' ELSE 'off' END, true);
  END IF;
  ${takeTurn(place)};
  PERFORM 1 FROM ${own('tidings_runs')} r WHERE r.run = p_run AND r.generation = p_generation;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'this run was taken over' USING ERRCODE = '${sqlState.runTakenOver}';
  END IF;
  SELECT e.position, e.recorded_at INTO events_head, event_at FROM ${own('tidings_events')} e ORDER BY e.position DESC LIMIT 1;
  SELECT f.position, f.recorded_at INTO facts_head, fact_at FROM ${own('tidings_facts')} f ORDER BY f.position DESC LIMIT 1;
  events_head := coalesce(events_head, 0);
  facts_head := coalesce(facts_head, 0);

  FOR i IN 1 .. cardinality(t_functions) LOOP
    IF c_ends[i] > c_from THEN
      EXECUTE ${call('check')} || '($1, $2)' INTO wrong
        USING c_keys[c_from + 1:c_ends[i]], c_revisions[c_from + 1:c_ends[i]];
      IF wrong IS NOT NULL THEN
        SELECT failed || array_agg(c_units[n + c_from]), wrong_rows || string_agg((n + c_from)::text || ' ', '')
          INTO failed, wrong_rows FROM unnest(wrong) n;
      END IF;
      c_from := c_ends[i];
    END IF;
  END LOOP;
  IF cardinality(a_units) > 0 THEN
    SELECT array_agg(a.unit), string_agg(a.n || '=' || coalesce(s.version, 0), ' ') INTO wrong, wrong_streams
      FROM unnest(a_units, a_categories, a_streams, a_expected) WITH ORDINALITY a(unit, category, stream, expected, n)
      LEFT JOIN LATERAL (SELECT f.stream_version AS version FROM ${own('tidings_facts')} f
        WHERE f.category = a.category AND f.stream = a.stream ORDER BY f.stream_version DESC LIMIT 1) s ON true
      WHERE coalesce(s.version, 0) <> a.expected;
    IF wrong IS NOT NULL THEN failed := failed || wrong; END IF;
  END IF;
  IF cardinality(h_units) > 0 THEN
    SELECT array_agg(h.unit) INTO wrong FROM unnest(h_units, h_positions) h(unit, position) WHERE h.position <> facts_head;
    IF wrong IS NOT NULL THEN failed := failed || wrong; END IF;
  END IF;

  revision := nextval(${quotedText(own('tidings_revision'))}) * ${revisionsPerGroup};
  FOR i IN 1 .. cardinality(t_functions) LOOP
    IF w_ends[i] > w_from OR d_ends[i] > d_from THEN
      EXECUTE ${call('write')} || '($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)'
        USING failed, revision, w_from + d_from, w_units[w_from + 1:w_ends[i]], w_keys[w_from + 1:w_ends[i]],
          w_versions[w_from + 1:w_ends[i]], w_docs[w_from + 1:w_ends[i]], v_values[v_from + 1:v_ends[i]],
          d_units[d_from + 1:d_ends[i]], d_keys[d_from + 1:d_ends[i]];
      w_from := w_ends[i]; d_from := d_ends[i]; v_from := v_ends[i];
    END IF;
  END LOOP;
  IF cardinality(f_units) > 0 THEN
    INSERT INTO ${own('tidings_facts')} (position, occurred_at, recorded_at, stream_version, version, checksum, category, stream,
        type, correlation_id, causation_id, caused_by, principal, tenant, data)
      SELECT facts_head + row_number() OVER (ORDER BY f.n), f.occurred_at,
        greatest(fact_at, max(f.recorded_at) OVER (ORDER BY f.n ROWS UNBOUNDED PRECEDING)), f.stream_version, f.version, f.checksum, f.category,
        f.stream, f.type, f.correlation_id, f.causation_id, f.caused_by, f.principal, f.tenant, f.data
      FROM unnest(${listOf('f').join(', ')}) WITH ORDINALITY f(unit, occurred_at, recorded_at, stream_version, version, checksum, category,
        stream, type, correlation_id, causation_id, caused_by, principal, tenant, data, n)
      WHERE f.unit <> ALL (failed);
  END IF;
  IF cardinality(e_units) > 0 THEN
    INSERT INTO ${own('tidings_events')} (position, occurred_at, recorded_at, entity_version, version, readable_from, checksum, slot, id, type,
        key, correlation_id, causation_id, caused_by, principal, tenant, traceparent, tracestate, data, downcasts)
      SELECT events_head + row_number() OVER (ORDER BY e.n), e.occurred_at,
        greatest(event_at, max(e.recorded_at) OVER (ORDER BY e.n ROWS UNBOUNDED PRECEDING)), e.entity_version, e.version, e.readable_from, e.checksum,
        e.slot, e.id, e.type, e.key, e.correlation_id, e.causation_id, e.caused_by, e.principal, e.tenant, e.traceparent, e.tracestate, e.data,
        e.downcasts
      FROM unnest(${listOf('e').join(', ')}) WITH ORDINALITY e(unit, occurred_at, recorded_at, entity_version, version, readable_from, checksum,
        slot, id, type, key, correlation_id, causation_id, caused_by, principal, tenant, traceparent, tracestate, data, downcasts, n)
      WHERE e.unit <> ALL (failed);
  END IF;
  IF cardinality(failed) > 0 THEN conflicts := wrong_rows || ';' || coalesce(wrong_streams, ''); END IF;
  INSERT INTO ${own('tidings_groups')} VALUES (p_run, p_number, revision, events_head, facts_head, conflicts);
END $function$`
}

function findOutFunction(place: StorePlace): string {
  const { in: own } = place
  return `CREATE FUNCTION ${own('tidings_find_out')} (p_run text, p_number bigint, p_epoch text, OUT generation int, ${outcome})
LANGUAGE plpgsql ${settings} AS $function$
#variable_conflict use_column
BEGIN
  ${takeTurn(place)};
  IF NOT EXISTS (SELECT FROM ${own('tidings_store')} s WHERE s.epoch = p_epoch) THEN
    RAISE EXCEPTION 'the store was restored and has begun another epoch' USING ERRCODE = '${sqlState.epochEnded}';
  END IF;
  INSERT INTO ${own('tidings_runs')} AS r (run) VALUES (p_run)
    ON CONFLICT (run) DO UPDATE SET generation = r.generation + 1 RETURNING r.generation INTO generation;
  SELECT g.revision, g.events_head, g.facts_head, g.conflicts INTO revision, events_head, facts_head, conflicts
    FROM ${own('tidings_groups')} g WHERE g.run = p_run AND g.number = p_number;
END $function$`
}

// 0 stands for a table that is not there.
function expectLayoutFunction({ in: own }: StorePlace): string {
  return `CREATE FUNCTION ${own('tidings_expect_layout')} (p_name text, p_layout int) RETURNS void LANGUAGE plpgsql AS $function$
BEGIN
  IF coalesce((SELECT t.layout FROM ${own('tidings_tables')} t WHERE t.name = p_name), 0) <> p_layout THEN
    RAISE EXCEPTION 'the table % has another layout', p_name USING ERRCODE = '${sqlState.layoutChanged}';
  END IF;
END $function$`
}
