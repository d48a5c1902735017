// Checks of what a service is defined with and completed with, in plain JavaScript too: each error names the service, the value, and what to write.

import {
  checkFunction,
  checkIsText,
  checkList,
  checkObject,
  importHint,
  shownValue,
  TidingsError,
  unusable,
} from '../errors/index.ts'
import { checkContracts, checkRecord } from './check-uses.ts'

/** The options of a service that are declarations by name: their kind, and how one is written. */
const records = {
  tables: ['table', "defineTable('orders').version(1, schema).key((row) => row.id)"],
  readModels: ['table', "defineTable('orders').version(1, schema).key((row) => row.id)"],
  replicas: ['replica', 'replicaOf(CustomerChanged)'],
  timers: ['timer', 'timer()'],
} as const

/** Checks the options of a service; throws `INVALID_CONTRACT`. */
export function checkServiceOptions(service: string, given: object): void {
  const hint = `Write \`defineService('${service}', { publishes: [SomethingHappened], tables: { orders } })\`.`
  checkObject(given, { what: `The options of service ${service}`, hint })
  const options = given as Readonly<Record<string, unknown>>
  if (options.publishes !== undefined) checkContracts(`\`publishes\` of service ${service}`, options.publishes, 'event')
  for (const [name, [kind, written]] of Object.entries(records))
    if (options[name] !== undefined) checkRecord(`\`${name}\` of service ${service}`, options[name], kind, written)
  if (options.limits !== undefined)
    checkObject(options.limits, {
      what: `The limits of service ${service}`,
      hint: 'Write `limits: { attemptsMax: 10 }`.',
    })
  if (options.description !== undefined)
    checkIsText(options.description, { what: `The description of service ${service}`, hint: 'Write one sentence.' })
  checkSubscriberOptions(service, options.subscribers)
}

function checkSubscriberOptions(service: string, subscribers: unknown): void {
  if (subscribers === undefined) return
  const hint = "Write `subscribers: { mail: { was: 'post', partitions: 4 } }`."
  checkObject(subscribers, { what: `\`subscribers\` of service ${service}`, hint })
  for (const [name, value] of Object.entries(subscribers as object)) {
    checkObject(value, { what: `${JSON.stringify(name)} in \`subscribers\` of service ${service}`, hint })
    for (const option of Object.keys(value as object))
      if (option !== 'was' && option !== 'partitions')
        throw new TidingsError(
          'INVALID_CONTRACT',
          `Subscriber ${name} of ${service} has the option ${JSON.stringify(option.slice(0, 120))}, which does not exist.`,
          { hint },
        )
  }
}

/** Checks the mapping of a decider's facts to events; throws `INVALID_CONTRACT`. */
export function checkAnnounce(what: string, announce: unknown): void {
  if (announce === undefined) return
  const hint =
    'Write a function for each fact: `announce: { placed: (data, state, { event }) => event(OrderPlaced, …) }`.'
  checkObject(announce, { what, hint })
  for (const [fact, run] of Object.entries(announce as object))
    checkFunction(run, { what: `${JSON.stringify(fact)} in ${what}`, hint })
}

/** Checks the options of a projection; throws `INVALID_CONTRACT`. */
export function checkProjectionOptions(service: string, name: unknown, given: unknown): void {
  const what = `projection ${shownValue(name)} of ${service}`
  const hint = "Write `{ writes: ['orders'] }`."
  checkObject(given, { what: `The options of ${what}`, hint })
  const { writes, mode } = given as Readonly<Record<string, unknown>>
  checkList(writes, { what: `\`writes\` of ${what}`, hint })
  for (const [index, table] of writes.entries())
    checkIsText(table, { what: `Number ${index + 1} in \`writes\` of ${what}`, hint })
  if (mode !== undefined && mode !== 'inline' && mode !== 'async')
    throw unusable(mode, "'inline' or 'async'", { what: `\`mode\` of ${what}`, hint: 'Leave it out for `async`.' })
}

const kinds: readonly string[] = [
  ...['handler', 'command-handler', 'query-handler', 'live-query-handler', 'decider-handler', 'projection'],
  ...['timer-handler', 'effect-handler', 'process'],
]

/** Checks the parts that complete a service; throws `INVALID_CONTRACT`. */
export function checkParts(service: string, parts: unknown): void {
  const hint = `Write \`${service}.with({ placeOrder, shipOrder })\` with what \`${service}.command(…)\`, \`${service}.on(…)\` and the others return.`
  checkObject(parts, { what: `What completes service ${service}`, hint })
  for (const [name, part] of Object.entries(parts as object)) {
    const kind = typeof part === 'object' && part !== null ? kindOf(part) : undefined
    if (typeof kind === 'string' && kinds.includes(kind)) continue
    throw unusable(part, 'a function that the service declares', {
      what: `${JSON.stringify(name)} in \`with\` of service ${service}`,
      hint: `${hint}${importHint(part)}`,
    })
  }
}

function kindOf(part: object): unknown {
  try {
    return (part as { readonly kind?: unknown }).kind
  } catch {
    return undefined
  }
}
