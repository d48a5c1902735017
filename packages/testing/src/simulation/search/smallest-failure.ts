// Replays a failed run to see whether it fails again, and shrinks its schedule for as long as it still fails in the same way.

import { memoryEngines } from '../engines/engines.ts'
import type { Run } from '../run/run-schedule.ts'
import { engineFor } from './choose-run.ts'
import { type PlayOptions, playSchedule } from './play-seed.ts'
import { shrinkSchedule } from './shrink-schedule.ts'

const shrinkMsMax = 60_000

/** Plays a failed run again; on files, where the trace depends on the disk, only the failure has to be the same word for word. */
export async function failsAgain(run: Run, engine: string, options: PlayOptions): Promise<boolean> {
  const again = await playSchedule(run.schedule, options)
  const isExact = isInMemory(engine)
  const textOf = ({ trace, failure }: Run) =>
    [failure?.checker, ...(failure?.breaches ?? []), ...(isExact ? trace : [])].join('\n')
  return textOf(again) === textOf(run)
}

function isInMemory(engine: string): boolean {
  return memoryEngines.some(({ name }) => name === engine)
}

/** The smallest run found that fails in the same way; `signal` ends the search early. */
export async function smallestFailure(run: Run, options: PlayOptions, signal?: AbortSignal): Promise<Run> {
  const endsAt = performance.now() + shrinkMsMax
  const failsAlike = ({ failure }: Run) => failure?.checker === run.failure?.checker
  const { smallest, playing } = await inMemory(run, options, failsAlike)
  let found = smallest
  await shrinkSchedule(run.schedule, {
    fails: async (schedule) => {
      const tried = await playSchedule(schedule, playing)
      if (failsAlike(tried)) found = tried
      return failsAlike(tried)
    },
    enough: () => performance.now() > endsAt || signal?.aborted === true,
  })
  return found
}

// Most failures on files occur in memory too, where hundreds of runs take a second.
async function inMemory(
  run: Run,
  options: PlayOptions,
  failsAlike: (run: Run) => boolean,
): Promise<{ readonly smallest: Run; readonly playing: PlayOptions }> {
  const { name } = engineFor(run.schedule.seed, options)
  if (isInMemory(name)) return { smallest: run, playing: options }
  for (const engine of memoryEngines) {
    const playing = { ...options, engines: [engine] }
    const smallest = await playSchedule(run.schedule, playing)
    if (failsAlike(smallest)) return { smallest, playing }
  }
  return { smallest: run, playing: options }
}
