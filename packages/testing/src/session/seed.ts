// The seed of a session: one number that decides everything that is not deterministic.

/** The environment variable with the seed of sessions that are given none: `TIDINGS_SEED=1234 npx vitest run`. */
export const seedVariable = 'TIDINGS_SEED'

/** The fixed seed of sessions that get no other. */
export const defaultSeed = 1

/** A new seed. */
export function newSeed(): number {
  return Math.floor(Math.random() * 2 ** 32)
}

/** The given seed, the environment's, or the fallback. */
export function chooseSeed(given: number | undefined, fallback: () => number): number {
  const wanted = given ?? Number(process.env[seedVariable] ?? Number.NaN)
  return Number.isFinite(wanted) ? wanted >>> 0 : fallback()
}

/** Adds to an error's message how to replay its run. */
export function nameSeed(error: unknown, seed: number): unknown {
  const how = `The run's seed is ${seed}; ${seedVariable}=${seed} or createSession({ seed: ${seed} }) plays it again.`
  if (error instanceof Error && !error.message.includes(how)) error.message = `${error.message}\n\n${how}`
  return error
}
