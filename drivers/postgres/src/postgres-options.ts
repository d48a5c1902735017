// The options of the driver, with their defaults.

/** What a commit survives. */
export type Durability = 'power-loss' | 'process-crash'
