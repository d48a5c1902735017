// A rebuild as an answer: one JSON line for each step of progress, then how it ended. It goes on when the caller goes away.

import { stream } from 'hono/streaming'
import type { RebuildProgress, ServiceRuntime } from 'tidings/runtime'
import type { Exchange } from '../http/answer.ts'
import { problemOf } from '../http/problem.ts'
import type { RebuildLine } from './control-answers.ts'

const lineIntervalMs = 100

/** Rebuilds a read model and tells how far it has come. What is refused at once is thrown. */
export async function rebuildLines(context: Exchange, service: ServiceRuntime, readModel: string): Promise<Response> {
  let tell: (line: RebuildLine) => void = () => {}
  let latest: RebuildProgress | undefined
  let toldAt = 0
  const begun = Promise.withResolvers<void>()
  const work = service.rebuild(readModel, (progress) => {
    latest = progress
    begun.resolve()
    const now = performance.now()
    if (now - toldAt < lineIntervalMs) return
    toldAt = now
    tell({ progress })
  })
  await Promise.race([begun.promise, work])
  context.header('content-type', 'application/x-ndjson')
  return stream(context, async (lines) => {
    let written = Promise.resolve()
    tell = (line) => {
      written = written.then(async () => {
        await lines.write(`${JSON.stringify(line)}\n`)
      })
    }
    if (latest !== undefined) tell({ progress: latest })
    try {
      await work
      if (latest !== undefined) tell({ progress: latest })
      tell({ done: true })
    } catch (error) {
      tell({ problem: problemOf(error, `The rebuild of ${readModel}`) })
    }
    await written
  })
}
