// A placeholder for any value in an expectation.

/**
 * Accepts any value except `undefined` and `null` in an expectation: `{ parcelId: anything, orderId: 'o-1' }`.
 *
 * Its type fits everywhere. Matchers of a test framework (`expect.any(String)`) are understood as well.
 */
export const anything: never = {
  asymmetricMatch: (value: unknown) => value !== undefined && value !== null,
  toAsymmetricMatcher: () => 'anything',
} as never
