// Checks of what the functions of a service are declared with, in plain JavaScript too: each error names the function, the value, and what to write.

import {
  checkFunction,
  checkIsText,
  checkKind,
  checkList,
  checkObject,
  shownValue,
  TidingsError,
} from '../errors/index.ts'

/** The lists of contracts in the options of a function, and the kind of their contracts. */
const lists = { publishes: 'event', executes: 'command', lookups: 'query', requests: 'effect' } as const

/** Checks the options of a function: objects with lists of contracts. Throws `INVALID_CONTRACT`. */
export function checkUses(what: string, given: object): void {
  checkObject(given, {
    what: `The options of ${what}`,
    hint: 'Write `{ publishes: [SomethingHappened] }`, or leave them out.',
  })
  const options = given as Readonly<Record<string, unknown>>
  for (const [name, kind] of Object.entries(lists)) {
    if (options[name] !== undefined) checkContracts(`\`${name}\` of ${what}`, options[name], kind)
  }
  if (options.description !== undefined)
    checkIsText(options.description, {
      what: `The description of ${what}`,
      hint: 'Write one sentence, or leave it out.',
    })
  checkStart(what, options)
}

function checkStart(what: string, { from, effectsFrom }: Readonly<Record<string, unknown>>): void {
  if (from !== undefined && from !== 'beginning' && from !== 'now')
    throw new TidingsError('INVALID_CONTRACT', `\`from\` of ${what} is ${shownValue(from)}; use 'beginning' or 'now'.`)
  const isMoment = effectsFrom instanceof Date && Number.isFinite(effectsFrom.getTime())
  if (effectsFrom !== undefined && effectsFrom !== 'now' && !isMoment)
    throw new TidingsError(
      'INVALID_CONTRACT',
      `\`effectsFrom\` of ${what} is ${shownValue(effectsFrom)}; use 'now' or a Date.`,
    )
}

/** Checks a list of contracts; throws `INVALID_CONTRACT`. */
export function checkContracts(what: string, contracts: unknown, kind: string): void {
  checkList(contracts, { what, hint: `Write a list of contracts: \`[A, B]\`.` })
  for (const [index, contract] of contracts.entries())
    checkKind(contract, kind, { what: `Number ${index + 1} of ${what}`, hint: `List contracts: \`[A, B]\`.` })
}

/** Checks an object of declarations by name; throws `INVALID_CONTRACT`. */
export function checkRecord(what: string, record: unknown, kind: string, written: string): void {
  checkObject(record, { what, hint: `Write \`{ name: ${written} }\`.` })
  for (const [name, value] of Object.entries(record as object))
    checkKind(value, kind, { what: `${JSON.stringify(name)} of ${what}`, hint: `Write \`${name}: ${written}\`.` })
}

/** Checks the contract that a function is for; throws `INVALID_CONTRACT`. */
export function checkSubject(what: string, contract: unknown, kind: string, method: string): void {
  checkKind(contract, kind, { what, hint: `Pass the contract, then the function: \`${method}\`.` })
}

/** Checks the function of a declaration; throws `INVALID_CONTRACT`. */
export function checkRun(what: string, run: unknown, written = '(data, context) => { … }'): void {
  checkFunction(run, { what: `The function of ${what}`, hint: `It comes last: \`${written}\`.` })
}
