// A scenario that is killed at any commit: it runs undisturbed once, then once for every commit and moment, always with the same outcome.

import type { Service } from 'tidings'
import { expect } from 'vitest'
import type { EngineKind } from './engines.ts'
import { type Between, createWorld, type World } from './world.ts'

/** What is run repeatedly. */
export interface Scenario {
  readonly services: () => readonly Service[]
  /** The part during which nothing is killed. */
  prepare(world: World): Promise<void>
  /** The part that is killed, and run again after each restart. */
  run(world: World): Promise<void>
  /** The outcome that must always be the same. */
  outcome(world: World): Promise<unknown>
  /** The services after a restart within `run`; the same by default. */
  readonly later?: () => readonly Service[]
}

/** Kills a scenario at every commit (at every `stride`th on SQLite), before it and after it. */
export async function killSweep(kind: EngineKind, scenario: Scenario, stride: number, spoil?: Between['spoil']) {
  const later = scenario.later ?? scenario.services
  const calm = await createWorld(kind, scenario.services())
  await scenario.prepare(calm)
  const start = calm.commits
  await scenario.run(calm)
  await calm.settle()
  const expected = await scenario.outcome(calm)
  const total = calm.commits - start
  await calm.close()
  const step = kind.name === 'SQLite' ? stride : 1
  for (const moment of ['beforeCommit', 'afterCommit'] as const) {
    for (let number = 1; number <= total; number += step) {
      let from = Number.POSITIVE_INFINITY
      const between: Between = {
        ...(spoil === undefined ? {} : { spoil }),
        [moment]: (commit: { number: number }, kill: () => void) => commit.number === from + number && kill(),
      }
      const world = await createWorld(kind, scenario.services(), between)
      await scenario.prepare(world)
      from = world.commits
      await scenario.run(world)
      await world.settle()
      for (let lives = 0; world.dead && lives < 5; lives++) {
        await world.restart(later())
        await scenario.run(world)
        await world.settle()
      }
      expect(await scenario.outcome(world), `killed ${moment} ${number} of ${total}`).toEqual(expected)
      await world.close()
    }
  }
}
