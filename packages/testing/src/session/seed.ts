// Where a session's seed comes from. One number decides everything that could go this way or that.

/** The environment variable that sets the seed of sessions that are given none: `TIDINGS_SEED=1234 npx vitest run`. */
export const seedVariable = 'TIDINGS_SEED'

/** The given seed, the environment's, or a new one. */
export function chooseSeed(given: number | undefined): number {
  const wanted = given ?? Number(process.env[seedVariable] ?? Number.NaN)
  return Number.isFinite(wanted) ? wanted >>> 0 : Math.floor(Math.random() * 2 ** 32)
}

/** Adds to an error how its run is played again. */
export function nameSeed(error: unknown, seed: number): unknown {
  const how = `The run's seed is ${seed}; ${seedVariable}=${seed} or createSession({ seed: ${seed} }) plays it again.`
  if (error instanceof Error && !error.message.includes(how)) error.message = `${error.message}\n\n${how}`
  return error
}
