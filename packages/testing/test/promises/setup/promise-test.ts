// How a promise is tested: the same check on every engine, and once on something broken, which it must detect.

import { isTidingsError } from 'tidings'
import { expect, test } from 'vitest'
import { type EngineKind, engines } from './engines.ts'

/** Runs a check on every engine, or on the given ones. */
export function promise(
  name: string,
  title: string,
  check: (kind: EngineKind) => Promise<void>,
  kinds: readonly EngineKind[] = engines,
): void {
  for (const kind of kinds) test(`${name} (${kind.name}): ${title}`, () => check(kind))
}

/** Runs a check on something that breaks the promise, on the engine without a relay: the check must fail. */
export function brokenPromise(name: string, how: string, check: (kind: EngineKind) => Promise<void>): void {
  const [, kind] = engines
  test(`${name}: the check detects what breaks it (${how})`, async () => {
    if (kind === undefined) throw new Error('no engine')
    const found = await check(kind).then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(found, 'the check noticed nothing').toBeDefined()
    // A check fails by an assertion, or because the system refuses or never settles; any other error is a bug in the test.
    if (!isTidingsError(found)) expect(found).toMatchObject({ name: 'AssertionError' })
  })
}
