// The witness: each handler and command keeps, in its own service's store and in its own unit of work, that it has taken effect.
// It is a table as any user could add one, so what the checkers read is what users would see of their own rows.
// Invariant: a run that is not committed leaves nothing, and one that is committed twice leaves two rows.

import { type CommandDeclaration, defineTable, type EventMeta, type NamedHandler, type Service } from 'tidings'
import type { Store } from 'tidings/ports'
import type { Life } from '../session/life.ts'
import { anySchema } from './any-schema.ts'
import type { Passage } from './passage.ts'
import type { Stage } from './stage.ts'

/** The table of the witness, in each simulated service. */
export const witnessTable = 'simulation-witness'
const property = 'simulationWitness'

/** That a handler has taken effect on an event, or a command has. */
export interface Witness {
  readonly run: string
  readonly kind: 'handler' | 'command'
  /** The handler's or the command's name. */
  readonly name: string
  /** The lane of a handler. */
  readonly lane: string
  readonly source: string
  readonly key: string
  /** The event's id; for a command, its conversation. */
  readonly about: string
  /** How many events it has published. */
  readonly published: number
}

const definition = defineTable(witnessTable)
  .version(1, anySchema<Witness>())
  .key(({ run }) => run)

interface WorkContext {
  readonly tables: Readonly<Record<string, { put(row: unknown): void }>>
  readonly correlationId: string
  readonly event?: EventMeta
}

/** A service whose handlers and commands bear witness, and whose functions the stage's faults can reach. */
export function witnessed(stage: Stage, service: Service, life: Life): Service {
  return {
    ...service,
    tables: { ...service.tables, [property]: definition },
    handlers: service.handlers.map((handler) =>
      handler.process === undefined ? ofHandler(stage, handler, life) : handler,
    ),
    commands: service.commands.map((command) => ofCommand(stage, command, life)),
  }
}

function ofHandler(stage: Stage, handler: NamedHandler, life: Life): NamedHandler {
  return {
    ...handler,
    run: (data, given) => {
      const context = given as WorkContext
      const { event } = context
      if (event === undefined) return handler.run(data, given)
      stage.counts.handled++
      const about = { kind: 'handler', name: handler.name, lane: handler.lane, source: event.source } as const
      const witness = { ...about, key: event.key, about: event.id }
      const run = () => testify(stage, context, witness, (counted) => handler.run(data, counted))
      return through(stage, life, handler.name, event.key, run)
    },
  }
}

function ofCommand(stage: Stage, declaration: CommandDeclaration, life: Life): CommandDeclaration {
  const { name } = declaration.command
  return {
    ...declaration,
    run: (data, given) => {
      const context = given as WorkContext
      const witness = { kind: 'command', name, lane: '', source: '', key: '', about: context.correlationId } as const
      const run = () => testify(stage, context, witness, (counted) => declaration.run(data, counted))
      return through(stage, life, name, declaration.command.keyOf(data), run)
    },
  }
}

// A function that does not wait is not made to wait: the runtime takes another way for those that do.
function testify(
  { counts }: Stage,
  context: WorkContext,
  about: Omit<Witness, 'run' | 'published'>,
  run: (context: unknown) => unknown,
): unknown {
  let published = 0
  const counted = new Proxy(context, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name)
      if ((name !== 'publish' && name !== 'retract') || typeof member !== 'function') return member
      return (...parameters: unknown[]) => {
        const answer: unknown = member.apply(target, parameters)
        published++
        return answer
      }
    },
  })
  const keep = () => {
    counts.runs++
    const isNews = about.kind === 'handler' || published > 0
    if (isNews)
      context.tables[property]?.put({
        ...about,
        run: String(counts.runs).padStart(9, '0'),
        published,
      } satisfies Witness)
  }
  const answer = run(counted)
  if (answer instanceof Promise)
    return answer.then((value: unknown) => {
      keep()
      return value
    })
  keep()
  return answer
}

function through(stage: Stage, life: Life, name: string, key: string, run: () => unknown): unknown {
  if (stage.interceptors.size === 0) return run()
  const passage: Passage = {
    service: life.service,
    life,
    call: 'handler',
    before: ['handler'],
    after: ['handler'],
    name,
    key,
  }
  return stage.pass(passage, run)
}

/** What was witnessed, in the order in which it was committed. */
export async function readWitnesses(store: Store): Promise<readonly Witness[]> {
  const rows: { readonly revision: number; readonly witness: Witness }[] = []
  for (let after: string | undefined; ; ) {
    const page = await store.find({
      table: witnessTable,
      limit: 1_000,
      ...(after === undefined ? {} : { after: { key: after } }),
    })
    for (const { json, revision } of page) rows.push({ revision, witness: JSON.parse(json) as Witness })
    after = page.at(-1)?.key
    if (page.length < 1_000) break
  }
  return rows
    .sort((a, b) => a.revision - b.revision || (a.witness.run < b.witness.run ? -1 : 1))
    .map(({ witness }) => witness)
}
