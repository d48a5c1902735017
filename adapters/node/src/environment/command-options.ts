// The options that a command of a log line needs to reach the system that has written it: `--config` and `--data`, if they are not those that
// the command finds by itself in the current folder. Invariant: what is printed can be typed as it is.

import path from 'node:path'
import type { LogSink } from 'tidings/ports'
import { shellWord } from 'tidings/runtime'
import type { Config } from '../config/config.ts'
import { findConfig, type LoadedConfig } from '../config/load-config.ts'
import { type CommandForm, completedFields } from './printed-commands.ts'

/** The options with which a command that is typed in `cwd` reaches a system with this configuration and data folder. Empty if it needs none. */
export function commandOptions(config: Config | LoadedConfig, data: string, cwd: string = process.cwd()): string {
  const file = 'path' in config ? config.path : undefined
  const usual = path.resolve(file === undefined ? cwd : path.dirname(file), config.data ?? '.tidings')
  return [
    ...(file === undefined || file === found(cwd) ? [] : [`--config ${shellWord(shortest(cwd, file))}`]),
    ...(path.resolve(cwd, data) === usual ? [] : [`--data ${shellWord(shortest(cwd, path.resolve(cwd, data)))}`]),
  ].join(' ')
}

/** A log whose commands can be typed as they are printed. */
export function withPrintedCommands(log: LogSink, form: CommandForm): LogSink {
  return (line) => log({ ...line, fields: completedFields(line.fields, form) })
}

function found(cwd: string): string | undefined {
  try {
    return findConfig(cwd)
  } catch {
    return undefined
  }
}

function shortest(cwd: string, to: string): string {
  const relative = path.relative(cwd, to)
  return relative === '' ? '.' : relative.length < to.length ? relative : to
}
