// Pages that list the options of every declaration, from the docstrings of their interfaces.
import { functionText, interfaceText, membersOf, memberText } from './docstrings.ts'
import { code, page, table } from './markdown.ts'

/** An interface and its file. */
interface Interface {
  readonly file: string
  readonly name: string
}

/** A section of a page, and the interface whose members it lists. */
interface Section extends Interface {
  readonly title: string
  /** The function or method that the section is about, if its docstring says more than that of the interface. */
  readonly about?: { readonly file: string; readonly of?: string; readonly name: string }
  /** Further interfaces whose members it lists. */
  readonly further?: readonly Interface[]
  /** Lists no members: what it is about takes no options. */
  readonly bare?: boolean
}

const meaningOf = ({ about, file, name }: Section): string => {
  if (about === undefined) return interfaceText(file, name)
  return about.of === undefined ? functionText(about.file, about.name) : memberText(about.file, about.of, about.name)
}

/** The members of an interface as rows; parts that only types see are left out. */
const rowsOf = ({ file, name }: Interface): readonly (readonly string[])[] =>
  membersOf(file, name)
    .filter(({ name: member }) => !member.startsWith("'~") && member !== 'kind')
    .map((member) => [code(member.optional ? `${member.name}?` : member.name), code(member.type), member.text])

const section = (each: Section): string => {
  const rows = each.bare === true ? [] : [each, ...(each.further ?? [])].flatMap(rowsOf)
  return [
    `## ${each.title}`,
    meaningOf(each),
    ...(rows.length === 0 ? [] : [table(['name', 'type', 'meaning'], rows)]),
  ].join('\n\n')
}

const filesOf = (sections: readonly Section[]): readonly string[] => [
  ...new Set(
    sections.flatMap(({ file, further = [], about }) => [
      file,
      ...further.map((each) => each.file),
      about?.file ?? file,
    ]),
  ),
]

const contracts = 'packages/tidings/src/contracts'
const services = 'packages/tidings/src/services'

const declarations: readonly Section[] = [
  { title: '`defineEvent(name, options)`', file: `${contracts}/event.ts`, name: 'EventOptions' },
  { title: '`.version(number, schema, upcast, options)`', file: `${contracts}/versions.ts`, name: 'VersionOptions' },
  { title: '`defineCommand(name, options)`', file: `${contracts}/command.ts`, name: 'CommandOptions' },
  { title: '`defineQuery(name, options)`', file: `${contracts}/query.ts`, name: 'QueryOptions' },
  { title: '`defineLiveQuery(name, options)`', file: `${contracts}/live-query.ts`, name: 'LiveQueryOptions' },
  {
    title: '`defineTable(name)`, then `.version(…)`, `.key(…)`, `.index(…)`',
    file: `${contracts}/table.ts`,
    name: 'TableDraft',
    about: { file: `${contracts}/table.ts`, name: 'defineTable' },
    further: [
      { file: `${contracts}/table.ts`, name: 'TableVersions' },
      { file: `${contracts}/table.ts`, name: 'Table' },
    ],
  },
  { title: '`defineService(name, options)`', file: `${services}/service-definition.ts`, name: 'ServiceOptions' },
  {
    title: '`service.command(command, options, run)`',
    file: `${services}/handler-options.ts`,
    name: 'CommandHandlerOptions',
  },
  {
    title: '`service.on(event, options, run)`, in addition to those of a command',
    file: `${services}/handler-options.ts`,
    name: 'HandlerOptions',
  },
  {
    title: '`reject(code, message, details)`',
    file: `${contracts}/rejection.ts`,
    name: 'Rejection',
    about: { file: `${contracts}/rejection.ts`, name: 'reject' },
  },
  {
    title: '`service.query(query, run)`',
    file: `${services}/service-definition.ts`,
    name: 'ServiceDefinition',
    about: { file: `${services}/service-definition.ts`, of: 'ServiceDefinition', name: 'query' },
    bare: true,
  },
  { title: '`service.live(contract, options)`', file: `${services}/live.ts`, name: 'LiveOptions' },
  { title: '`timer(schema)`, then `.version(…)`', file: `${contracts}/timer.ts`, name: 'Timer' },
  {
    title: '`service.due(timer, options, run)`, in addition to those of a command',
    file: `${services}/handler-options.ts`,
    name: 'TimerHandlerOptions',
  },
  { title: '`defineEffect(name, options)`', file: `${contracts}/effect.ts`, name: 'EffectOptions' },
  { title: '`defineEffect(…).version(…)`', file: `${contracts}/effect.ts`, name: 'Effect' },
  { title: '`service.effect(effect, options)`', file: `${services}/effect-handler.ts`, name: 'EffectHandlerOptions' },
  {
    title: '`service.process(name, spec)`, in addition to `publishes`, `executes`, `lookups` and `requests`',
    file: `${services}/process-manager.ts`,
    name: 'ProcessSpec',
  },
  { title: '`service.process(…).starts(…).on(…).due(…)`', file: `${services}/process-manager.ts`, name: 'Process' },
  { title: '`defineDecider(name, parts)`', file: `${services}/decider.ts`, name: 'DeciderSpec' },
  {
    title: '`fact(schema)`, then `.version(…)`',
    file: `${contracts}/fact.ts`,
    name: 'Fact',
    about: { file: `${contracts}/fact.ts`, name: 'fact' },
  },
  { title: '`service.decider(decider, options)`', file: `${services}/service-definition.ts`, name: 'DeciderOptions' },
  {
    title: '`service.projection(name, options)`, then `.on(…)`, `.onRetracted(…)`, `.onFact(…)`',
    file: `${services}/projection.ts`,
    name: 'ProjectionOptions',
    about: { file: `${services}/service-definition.ts`, of: 'ServiceDefinition', name: 'projection' },
    further: [{ file: `${services}/projection.ts`, name: 'Projection' }],
  },
  { title: '`replicaOf(contract, options)`', file: `${services}/replica.ts`, name: 'ReplicaOptions' },
  {
    title: '`service.with(parts)`',
    file: `${services}/service-definition.ts`,
    name: 'ServiceDefinition',
    about: { file: `${services}/service-definition.ts`, of: 'ServiceDefinition', name: 'with' },
    bare: true,
  },
]

const contexts: readonly Section[] = [
  { title: 'Every function', file: `${services}/context.ts`, name: 'BaseContext' },
  { title: 'Commands and handlers', file: `${services}/context.ts`, name: 'WorkContext' },
  { title: 'Commands and handlers: publishing', file: `${services}/context.ts`, name: 'Publishing' },
  { title: 'Commands only', file: `${services}/context.ts`, name: 'CommandContext' },
  { title: 'Handlers only', file: `${services}/context.ts`, name: 'HandlerContext' },
  {
    title: 'Commands, handlers, timers and outcomes: requesting effects',
    file: `${services}/timers.ts`,
    name: 'Requesting',
  },
  { title: 'Timers only', file: `${services}/context.ts`, name: 'TimerContext' },
  { title: '`timer`: the timer that came due', file: `${services}/timers.ts`, name: 'DueTimer' },
  { title: 'Effects: `perform`', file: `${services}/context.ts`, name: 'PerformContext' },
  { title: 'Effects: `outcome`, in addition to commands', file: `${services}/context.ts`, name: 'OutcomeContext' },
  { title: 'Processes, in addition to commands', file: `${services}/process-manager.ts`, name: 'ProcessContext' },
  { title: 'Processes, for an event', file: `${services}/process-manager.ts`, name: 'ProcessEventContext' },
  { title: 'Processes, for a timer', file: `${services}/process-manager.ts`, name: 'ProcessTimerContext' },
  { title: 'Queries', file: `${services}/context.ts`, name: 'QueryContext' },
  { title: 'Projections, for an event', file: `${services}/context.ts`, name: 'ProjectionContext' },
  { title: 'Projections, for a fact', file: `${services}/context.ts`, name: 'FactProjectionContext' },
  { title: '`tables.x`: reading', file: `${services}/reading.ts`, name: 'TableReader' },
  { title: '`tables.x`: writing', file: `${services}/reading.ts`, name: 'TableWriter' },
  { title: '`replicas.x`, in addition to reading', file: `${services}/reading.ts`, name: 'ReplicaReader' },
  { title: '`timers.x` of a service', file: `${services}/timers.ts`, name: 'KeyedTimer' },
  { title: '`timers.x` of a process', file: `${services}/timers.ts`, name: 'OwnTimer' },
  { title: 'A cron time: `timers.x.every(key, time)`', file: `${contracts}/timer.ts`, name: 'CronTime' },
  { title: 'A duration: `timers.x.after(key, duration)`', file: `${contracts}/duration.ts`, name: 'Duration' },
  { title: '`streams`', file: `${services}/context.ts`, name: 'StreamReader' },
  { title: '`sql`', file: `${services}/sql.ts`, name: 'Sql' },
  { title: '`sql`: a statement', file: `${services}/sql.ts`, name: 'SqlQuery' },
  { title: '`sql.table(…)`', file: `${services}/sql.ts`, name: 'SqlTable' },
  { title: '`sql.table(…)`: fields', file: `${services}/sql.ts`, name: 'SqlFields' },
]

const node = 'adapters/node/src'

const settings: readonly Section[] = [
  { title: '`defineConfig(options)`', file: `${node}/config/config.ts`, name: 'ConfigOptions' },
  { title: '`http`', file: `${node}/server/http-options.ts`, name: 'HttpOptions' },
  { title: '`http`: access', file: 'packages/http/src/api/api-options.ts', name: 'ApiAccessOptions' },
  { title: '`sqliteDriver(options)`', file: 'drivers/sqlite/src/sqlite-driver.ts', name: 'SqliteDriverOptions' },
  { title: '`startSystem(config, options)`', file: `${node}/start-system.ts`, name: 'StartOptions' },
  { title: '`log`', file: `${node}/environment/log-sink.ts`, name: 'LogOptions' },
]

/** docs/reference/contracts.md. */
export const contractsPage = (): string =>
  page(
    'Contracts and services',
    filesOf(declarations),
    `This page lists what you can declare. A \`define…\` function only returns a value: it registers nothing and runs nothing. Names of events are
lower-case words joined by \`-\` and separated by \`.\` (\`shop.order-placed\`); all other names are such words without dots. A schema is anything
that implements [Standard Schema](https://standardschema.dev) synchronously.`,
    ...declarations.map(section),
  )

/** docs/reference/contexts.md. */
export const contextsPage = (): string =>
  page(
    'What functions are given',
    filesOf(contexts),
    `The second argument of every function is its context. Tidings buffers what a function writes. Later reads of the same function see
these writes. When the function returns, Tidings commits all of them together, or none. The types allow only what you declare with
\`publishes\`, \`executes\`, \`lookups\` and \`requests\`.`,
    ...contexts.map(section),
  )

/** docs/reference/configuration.md. */
export const configurationPage = (): string =>
  page(
    'Configuration',
    filesOf(settings),
    '`tidings.config.ts`, at the root of your project, exports `defineConfig({ … })` as its default. Tidings refuses an option that does not exist.',
    ...settings.map(section),
  )
