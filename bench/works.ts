// All work, in the order of the table.

import { appendAtOnce } from './work/append-at-once.ts'
import { appendOne } from './work/append-one.ts'
import { chatImport } from './work/chat-import.ts'
import { commandToHandler } from './work/command-to-handler.ts'
import { history } from './work/history.ts'
import { httpCommands } from './work/http-commands.ts'
import { importLines } from './work/import-lines.ts'
import { latency } from './work/latency.ts'
import { live } from './work/live.ts'
import { processInputs } from './work/process-inputs.ts'
import { readAndFold } from './work/read-and-fold.ts'
import { rebuildProjection } from './work/rebuild-projection.ts'
import { services } from './work/services.ts'
import { timers } from './work/timers.ts'
import type { Work } from './work.ts'

/** All work. */
export const works: readonly Work[] = [
  appendOne('process-crash'),
  appendOne('power-loss'),
  appendAtOnce('process-crash'),
  appendAtOnce('power-loss'),
  readAndFold,
  rebuildProjection('process-crash'),
  rebuildProjection('power-loss'),
  commandToHandler(1, 'process-crash'),
  commandToHandler(1, 'power-loss'),
  commandToHandler(100, 'process-crash'),
  commandToHandler(100, 'power-loss'),
  commandToHandler(1000, 'process-crash'),
  commandToHandler(1000, 'power-loss'),
  latency(1, 'process-crash'),
  latency(1, 'power-loss'),
  latency(2, 'process-crash'),
  latency(2, 'power-loss'),
  timers('power-loss'),
  processInputs('history', 'process-crash'),
  processInputs('history', 'power-loss'),
  processInputs('row', 'process-crash'),
  processInputs('row', 'power-loss'),
  httpCommands('process-crash'),
  httpCommands('power-loss'),
  live('power-loss'),
  history('process-crash'),
  importLines('process-crash'),
  chatImport,
  services,
]
