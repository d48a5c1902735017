// Tidings: what users import to write contracts and services.

export * from './contracts/index.ts'
export * from './errors/index.ts'
export * from './services/index.ts'
