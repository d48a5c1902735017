// Where a session's seed comes from. One number decides everything that could go this way or that.

/** The environment variable that sets the seed of sessions that are given none: `TIDINGS_SEED=1234 npx vitest run`. */
export const seedVariable = 'TIDINGS_SEED'

/** The seed of sessions that are given none, and whose failures name none: always the same. */
export const usualSeed = 1

/** A new seed. */
export function newSeed(): number {
  return Math.floor(Math.random() * 2 ** 32)
}

/** The given seed, the environment's, or the fallback. */
export function chooseSeed(given: number | undefined, fallback: () => number): number {
  const wanted = given ?? Number(process.env[seedVariable] ?? Number.NaN)
  return Number.isFinite(wanted) ? wanted >>> 0 : fallback()
}

/** Adds to an error how its run is played again. */
export function nameSeed(error: unknown, seed: number): unknown {
  const how = `The run's seed is ${seed}; ${seedVariable}=${seed} or createSession({ seed: ${seed} }) plays it again.`
  if (error instanceof Error && !error.message.includes(how)) error.message = `${error.message}\n\n${how}`
  return error
}
