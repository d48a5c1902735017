// Effects in a simulation: never performed for real. Each has an outcome that is made up, or fails now and then.

import { jsonSchemaOf } from 'tidings'
import type { Effects } from 'tidings/ports'
import { createChance } from './chance.ts'
import type { SimulationOptions } from './define-simulation.ts'
import type { Performs } from './lay-between.ts'
import { madeUp } from './made-up-value.ts'

const failureShare = 0.1

/** Gives the outcomes of effects. */
export function performsEffects(seed: number, outcomes: SimulationOptions['effects']): Performs {
  return (stage): Effects => {
    const chance = createChance(seed ^ 0xeffec7)
    return {
      perform: async (request) => {
        if (outcomes !== undefined) return outcomes(request, chance)
        if (chance.happens(failureShare)) {
          stage.strike(request, request.service, `${request.effect.name} fails`, 'failingEffect')
          throw new Error(`${request.effect.name} fails (simulated)`)
        }
        const { outcome } = request.effect
        if (outcome === undefined) return undefined
        return madeUp(outcome, jsonSchemaOf(outcome, 'input'), chance)
      },
    }
  }
}
