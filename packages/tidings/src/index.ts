// Tidings: what users import to write contracts and services.

export * from './contracts/index.ts'
export * from './errors/index.ts'
export {
  type MappedEvent,
  type MappedFunction,
  type MappedService,
  type SystemMap,
  systemMap,
} from './operations/system-map.ts'
export * from './services/index.ts'
