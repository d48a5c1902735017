// How a service with a role of its own reads the event log of another: through one function for each subscription, which belongs to the source, reads with
// the rights of its owner, and shows only the types that the subscriber has declared.
// Invariant: such a function reads nothing but the event log and the epochs of its source, whatever the caller's settings are.

import type { EventLogRead, SourceReader } from 'tidings/ports'
import { boundedName, quoted, quotedText } from '../database/postgres-names.ts'
import type { StorePlace } from '../database/postgres-schema.ts'
import { eventColumns, pageSelect } from '../event-log/postgres-event-log.ts'

/** The name of the function of a subscription, unquoted. No name of a service or subscriber contains `/`. */
export function readFunctionName({ service, subscriber }: SourceReader): string {
  return boundedName(`tidings_read/${service}/${subscriber}`)
}

/** The parameters of such a function: without `p_after`, it shows where the log ends and no events. */
const parameters = 'p_after bigint, p_limit int, p_types text[], p_slot_from int, p_slot_to int'

const typesOfColumns: Readonly<Record<string, string>> = {
  position: 'bigint',
  occurred_at: 'float8',
  recorded_at: 'float8',
  entity_version: 'bigint',
  version: 'int',
  readable_from: 'int',
  checksum: 'int',
}

/** The statement that creates the function of a subscription, for the role that owns the schema of the source. */
export function readFunctionStatement(source: StorePlace, read: EventLogRead): string {
  const columns = eventColumns.map((column) => `${quoted(column)} ${typesOfColumns[column] ?? 'text'}`).join(', ')
  const allowed = `ARRAY[${read.types.map(quotedText).join(', ')}]::text[]`
  const page = pageSelect(
    source,
    {
      after: (head) => `coalesce(p_after, ${head})`,
      limit: 'p_limit',
      conditions: [
        `type = ANY (${allowed})`,
        '(p_types IS NULL OR type = ANY (p_types))',
        '(p_slot_from IS NULL OR slot BETWEEN p_slot_from AND p_slot_to)',
      ],
    },
    { withEpochs: true },
  )
  return `CREATE OR REPLACE FUNCTION ${source.in(readFunctionName(read))} (${parameters})
  RETURNS TABLE (epoch text, head bigint, after_id text, next_id text, ${columns}, earlier_epochs text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $read$
#variable_conflict use_column
BEGIN
  RETURN QUERY ${page};
END $read$`
}

/** The statement that reads a page through the function of a subscription; its rows are those of `pageSql`. */
export function pageThroughFunction(source: StorePlace, by: SourceReader): string {
  return `SELECT epoch, head, after_id, next_id, ${eventColumns.join(', ')} FROM ${source.in(readFunctionName(by))}($1, $2, $3, $4, $5)`
}

/** The statement that reads where the log ends: epoch, head, the id there, and the earlier epochs. */
export function endThroughFunction(source: StorePlace, by: SourceReader): string {
  return `SELECT epoch, head, after_id, earlier_epochs FROM ${source.in(readFunctionName(by))}(NULL, 0, '{}', NULL, NULL)`
}
