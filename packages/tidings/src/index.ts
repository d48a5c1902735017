// What you import to write contracts and services. Drivers, adapters and test kits use entries of their own.

export type * from './contracts/index.ts'
export {
  defineCommand,
  defineEffect,
  defineEvent,
  defineLiveQuery,
  defineQuery,
  defineTable,
  fact,
  isRejection,
  parseCron,
  reject,
  timer,
} from './contracts/index.ts'
export type * from './errors/index.ts'
export { isTidingsError, TidingsError } from './errors/index.ts'
export type { MappedEvent, MappedExposure, MappedFunction, MappedService, SystemMap } from './operations/system-map.ts'
export type * from './services/index.ts'
export { defineDecider, defineService, replicaOf } from './services/index.ts'
