// A placeholder for any value in an expectation.

/**
 * Stands in an expectation for any value that is there: `{ parcelId: anything, orderId: 'o-1' }`.
 *
 * Its type fits everywhere. Matchers of a test framework (`expect.any(String)`) are understood as well.
 */
export const anything: never = {
  asymmetricMatch: (value: unknown) => value !== undefined && value !== null,
  toAsymmetricMatcher: () => 'anything',
} as never
