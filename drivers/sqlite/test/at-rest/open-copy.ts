// Opens a copy of a data folder that an earlier build wrote, with the code of today. Invariant: the folder itself is only read.

import { cpSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { CommandContract, CommandInput, QueryContract, QueryInput, QueryOutput } from 'tidings'
import { createSequentialIds } from 'tidings/memory'
import type { AnswerQueryOptions, HandleCommandOptions } from 'tidings/runtime'
import { temporaryFolder } from '../test-engine.ts'
import { type RunningSystem, runSystem } from './run-system.ts'
import { deskOf, libraryOf, pressOf } from './services.ts'
import { writtenUntilMs } from './write-folder.ts'

/** A running copy. */
export interface OpenedCopy extends RunningSystem {
  readonly directory: string
  /** What functions ran since this was asked last, in order; where effects were performed, without new ids. */
  called(): readonly string[]
  command<C extends CommandContract>(
    service: string,
    command: C,
    input: CommandInput<C>,
    options?: HandleCommandOptions,
  ): Promise<unknown>
  query<Q extends QueryContract>(
    query: Q,
    input: QueryInput<Q>,
    options?: AnswerQueryOptions,
  ): Promise<QueryOutput<Q> | undefined>
}

const numberOf = (layout: string) => Number(layout.slice('layout-'.length))

/** The folders there are, the latest last: one for each layout that was released. */
export const layouts: readonly string[] = readdirSync(import.meta.dirname)
  .filter((name) => /^layout-[0-9]+$/.test(name))
  .sort((a, b) => numberOf(a) - numberOf(b))

/** Copies a folder; gives where. */
export function copyOf(layout: string): string {
  const directory = path.join(temporaryFolder(), 'data')
  cpSync(path.join(import.meta.dirname, layout), directory, { recursive: true })
  return directory
}

/** Opens a copy at the moment it was written last, or later. */
export async function openCopy(
  directory: string,
  { idle = false, laterMs = 0, ids = 'later' }: { idle?: boolean; laterMs?: number; ids?: string } = {},
): Promise<OpenedCopy> {
  const calls: string[] = []
  const before = (what: string) => void calls.push(what.replace(/ as (?!id-).*/, ''))
  const services = [libraryOf(before, 'later'), deskOf(before, 'later'), pressOf(before)]
  const startMs = writtenUntilMs + laterMs
  const run = await runSystem({ directory, services, startMs, ids: createSequentialIds(ids), idle })
  await run.advance(0)
  return {
    ...run,
    directory,
    called: () => calls.splice(0),
    command: (service, command, input, options) =>
      run.drive(run.system.service(service).command(command.name, input, options)),
    query: (query, input, options) =>
      run.drive(run.system.service(query.owner).query(query.name, input, options)) as never,
  }
}
