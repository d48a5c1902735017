// Plain SQL over a service's tables and read models: read only, values always bound, table names only from declarations.

import { TidingsError } from '../../errors/index.ts'
import type { ColumnValue } from '../../ports/index.ts'
import type { Sql, SqlTable } from '../../services/index.ts'
import type { ServiceCore } from '../core/service-core.ts'

/** Makes the `sql` of a query's context. */
export function createSql(core: ServiceCore): Sql {
  const ask = async (text: string, parameters: readonly unknown[]) => {
    for (const parameter of parameters) checkParameter(parameter)
    return (await core.store.sql(text, parameters as readonly ColumnValue[])) as readonly never[]
  }
  const tagged = (texts: TemplateStringsArray, ...values: readonly unknown[]) => {
    const parameters: unknown[] = []
    let text = texts[0] ?? ''
    values.forEach((value, index) => {
      if (isSqlTable(value)) text += value.identifier
      else {
        parameters.push(value)
        text += '?'
      }
      text += texts[index + 1]
    })
    return ask(text, parameters)
  }
  return Object.assign(tagged, {
    table: (name: string): SqlTable => {
      const bound = core.tables[name] ?? core.readModelTables[name] ?? core.replicaTables[name]
      if (bound === undefined) {
        throw new TidingsError(
          'NOT_DECLARED',
          `Service ${core.service.name} has no table, read model or replica ${JSON.stringify(name)}.`,
        )
      }
      return { kind: 'sql-table', identifier: core.store.tableIdentifier(bound.physical()) }
    },
    run: (query: { readonly sql: string; readonly parameters: readonly unknown[] }) => ask(query.sql, query.parameters),
  }) as Sql
}

function isSqlTable(value: unknown): value is SqlTable {
  return typeof value === 'object' && value !== null && (value as SqlTable).kind === 'sql-table'
}

function checkParameter(value: unknown): void {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return
  throw new TidingsError(
    'SQL_REFUSED',
    `A SQL parameter is of type ${typeof value}; it must be a string, a number, a boolean or null.`,
  )
}
