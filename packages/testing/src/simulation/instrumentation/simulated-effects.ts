// Effects in a simulation: never performed for real. Each has an outcome that is made up, or fails now and then.

import { jsonSchemaOf } from 'tidings'
import type { EffectRequest, Effects } from 'tidings/ports'
import { createChance } from '../random/chance.ts'
import type { SimulationOptions } from '../definition/define-simulation.ts'
import type { Performs } from './wrap-ports.ts'
import { madeUp } from '../random/generate-value.ts'

const failureShare = 0.1
/** Some effects take their time, so that services die while the other side is asked; a few longer than is waited for. */
const slowShare = 0.1
const slowMsMax = 12_000

/** Gives the outcomes of effects. */
export function performsEffects(seed: number, outcomes: SimulationOptions['effects']): Performs {
  return (stage): Effects => {
    const chance = createChance(seed ^ 0xeffec7)
    const outcomeOf = ({ effect }: EffectRequest): unknown => {
      if (chance.happens(failureShare)) throw new Error(`${effect.name} fails (simulated)`)
      const { outcome } = effect
      return outcome === undefined ? undefined : madeUp(outcome, jsonSchemaOf(outcome, 'input'), chance)
    }
    return {
      perform: async (request) => {
        if (chance.happens(slowShare)) await stage.pause(chance.whole(0, slowMsMax))
        try {
          return await (outcomes === undefined ? outcomeOf(request) : outcomes(request, chance))
        } catch (error) {
          stage.strike(request, request.service, `${request.effect.name} fails`, 'failingEffect')
          throw error
        }
      },
    }
  }
}
