// Effects in a simulation: never performed for real. Each gets a generated outcome, or fails now and then.

import { jsonSchemaOf } from 'tidings/contracts'
import type { EffectRequest, Effects } from 'tidings/ports'
import { type Chance, createChance } from '../random/chance.ts'
import { generateValue } from '../random/generate-value.ts'
import type { CreateEffects } from './wrap-ports.ts'

const failureShare = 0.1
/** Some effects are slow, so that services crash while one is being performed; a few take longer than the timeout. */
const slowShare = 0.1
const slowMsMax = 12_000

/** Gives the outcome of an effect, or throws. */
export type EffectOutcomes = (request: EffectRequest, random: Chance) => unknown

/** The port that gives effects their outcomes: those that are passed in, or generated ones. */
export function simulateEffects(seed: number, outcomes: EffectOutcomes | undefined): CreateEffects {
  return (system): Effects => {
    const chance = createChance(seed ^ 0xeffec7)
    const outcomeOf = ({ effect }: EffectRequest): unknown => {
      if (chance.happens(failureShare)) throw new Error(`${effect.name} fails (simulated)`)
      const { outcome } = effect
      return outcome === undefined ? undefined : generateValue(outcome, jsonSchemaOf(outcome, 'input'), chance)
    }
    return {
      perform: async (request) => {
        if (chance.happens(slowShare)) await system.pause(chance.whole(0, slowMsMax))
        try {
          return await (outcomes === undefined ? outcomeOf(request) : outcomes(request, chance))
        } catch (error) {
          system.noteFault(request, request.service, `${request.effect.name} fails`, 'failingEffect')
          throw error
        }
      },
    }
  }
}
