// Plain SQL over a service's tables and read models: read only, values always bound, table names only from declarations.
// Invariant: only what `sql` itself has made becomes text of a statement; a value of the same shape, such as one from an input, is a value.

import { shownValue, TidingsError } from '../../errors/index.ts'
import type { ColumnValue, SqlExpressions } from '../../ports/index.ts'
import type { CompiledSql, Sql, SqlQuery, SqlTable, SqlTimeUnit } from '../../services/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { ReadModelTables } from './current-read-models.ts'
import { textsWithQuotedNames } from './sql-names.ts'
import { Expression, TableInSql } from './sql-table.ts'

type Ask = (text: string, parameters: readonly unknown[]) => Promise<readonly never[]>

/** Makes the `sql` of a query's context. */
export function createSql(core: ServiceCore, { readModelTables, replicaTables }: ReadModelTables): Sql {
  const ask: Ask = async (text, parameters) => {
    for (const parameter of parameters) checkParameter(parameter)
    return (await core.store.sql(text, parameters as readonly ColumnValue[])) as readonly never[]
  }
  const comma = new LazyQuery(ask, ', ', [])
  const compose = (texts: readonly string[], values: readonly unknown[]) => composed(ask, texts, values)
  return Object.assign(
    (texts: TemplateStringsArray, ...values: readonly unknown[]) => compose(textsWithQuotedNames(texts), values),
    {
      table: (name: string): SqlTable => {
        const bound = core.tables[name] ?? readModelTables[name] ?? replicaTables[name]
        if (bound === undefined) {
          throw new TidingsError(
            'NOT_DECLARED',
            `Service ${core.service.name} has no table, read model or replica ${JSON.stringify(name)}.`,
          )
        }
        const identifier = core.store.tableIdentifier(bound.physical())
        return new TableInSql(bound, { identifier, expressions: expressionsOf(core) })
      },
      join: (values: readonly unknown[], separator: unknown = comma) => {
        const parts = values.flatMap((value, index) => (index === 0 ? [value] : [separator, value]))
        return compose(Array(parts.length + 1).fill(''), parts)
      },
      time: (time: unknown, unit: SqlTimeUnit) => {
        if (!timeUnits.includes(unit))
          throw new TidingsError(
            'SQL_REFUSED',
            `sql.time(…) knows no unit ${shownValue(unit)}; take ${timeUnits.join(', ')}.`,
          )
        const { text, parameters } = compose(['', ''], [time])
        return new LazyQuery(ask, expressionsOf(core).time(text, unit), parameters)
      },
      run: (query: CompiledSql) => new LazyQuery(ask, query.sql, query.parameters),
    },
  ) as unknown as Sql
}

const timeUnits: readonly SqlTimeUnit[] = ['year', 'month', 'day', 'hour', 'minute']

function expressionsOf({ store }: ServiceCore): SqlExpressions {
  if (store.sqlExpressions !== undefined) return store.sqlExpressions
  throw new TidingsError('SQL_UNSUPPORTED', 'The store does not support SQL.')
}

// A statement that runs when somebody wants its rows, once. One that nobody awaits fails nobody.
class LazyQuery implements SqlQuery<never> {
  readonly kind = 'sql-query'
  readonly [Symbol.toStringTag] = 'SqlQuery'
  readonly text: string
  readonly parameters: readonly unknown[]
  readonly #ask: Ask
  #rows: Promise<readonly never[]> | undefined

  constructor(ask: Ask, text: string, parameters: readonly unknown[]) {
    this.#ask = ask
    this.text = text
    this.parameters = parameters
  }

  #run(): Promise<readonly never[]> {
    this.#rows ??= this.#ask(this.text, this.parameters)
    return this.#rows
  }

  // biome-ignore lint/suspicious/noThenProperty: awaiting it is what runs it
  then: SqlQuery<never>['then'] = (fulfilled, rejected) => this.#run().then(fulfilled, rejected)
  catch: SqlQuery<never>['catch'] = (rejected) => this.#run().catch(rejected)
  finally: SqlQuery<never>['finally'] = (ended) => this.#run().finally(ended)
}

function composed(ask: Ask, texts: readonly string[], values: readonly unknown[]): LazyQuery {
  const parameters: unknown[] = []
  let text = texts[0] ?? ''
  for (const [index, value] of values.entries()) {
    if (value instanceof TableInSql || value instanceof Expression) text += value.written
    else if (value instanceof LazyQuery) {
      text += value.text
      parameters.push(...value.parameters)
    } else {
      text += '?'
      parameters.push(value)
    }
    text += texts[index + 1] ?? ''
  }
  return new LazyQuery(ask, text, parameters)
}

function checkParameter(value: unknown): void {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return
  throw new TidingsError(
    'SQL_REFUSED',
    `A SQL parameter is of type ${typeof value}; it must be a string, a number, a boolean or null.`,
  )
}
