// Work of a driver that may block the thread for long.

/**
 * Runs work of a driver that may block the thread for long, such as a migration, and returns what it returns. A host that ends a process whose thread
 * is blocked does not count that time.
 */
export type LongWork = <T>(what: string, work: () => T) => T
