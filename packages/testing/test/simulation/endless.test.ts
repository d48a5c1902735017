// Systems that never stop: the simulator reports that, and ends the run.

import { defineCommand, defineEvent, defineService, type Service, timer } from 'tidings'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { playSeed } from '../../src/index.ts'

const ball = z.object({ id: z.string() })
const byId = ({ id }: z.infer<typeof ball>) => id
const Ping = defineEvent('game.ping', { owner: 'left', pattern: 'notification' }).version(1, ball).key(byId)
const Pong = defineEvent('game.pong', { owner: 'right', pattern: 'notification' }).version(1, ball).key(byId)
const Serve = defineCommand('serve', { input: ball, key: byId })

function pingPong(): readonly Service[] {
  const left = defineService('left', { publishes: [Ping] })
  const right = defineService('right', { publishes: [Pong] })
  return [
    left.with({
      serve: left.command(Serve, { publishes: [Ping] }, ({ id }, { publish }) => publish(Ping, { id })),
      back: left.on(Pong, { publishes: [Ping] }, ({ id }, { publish }) => publish(Ping, { id })),
    }),
    right.with({
      back: right.on(Ping, { publishes: [Pong] }, ({ id }, { publish }) => publish(Pong, { id })),
    }),
  ]
}

function impatientClock(): readonly Service[] {
  const clock = defineService('left', { timers: { tick: timer(ball) } })
  return [
    clock.with({
      serve: clock.command(Serve, ({ id }, { timers }) => timers.tick.after(id, { milliseconds: 0 }, { id })),
      again: clock.due('tick', ({ id }, { timers }) => timers.tick.after(id, { milliseconds: 0 }, { id })),
    }),
  ]
}

const endless = {
  'two services that answer each other': pingPong,
  'a timer that sets itself again for the same moment': impatientClock,
}
for (const [what, services] of Object.entries(endless)) {
  test(`a run in which time stops passing ends and reports that: ${what}`, async () => {
    // A run in which time passes needs some hundreds at one moment.
    const simulation = { stepCount: 3, faults: false, callbacksMax: 2_000 } as const
    const { failure, trace } = await playSeed(1, { services: services(), simulation })
    expect(failure).toMatchObject({ checker: 'time-passes', promise: 'Whatever a system does, time passes.' })
    expect(failure?.step, 'the step that set it off, and not the end').toBeLessThanOrEqual(3)
    expect(trace.join('\n')).toContain('the world: the run ends')
  })
}
