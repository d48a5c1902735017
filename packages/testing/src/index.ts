// The public entry of the test kit.

export * from './expectations/index.ts'
export * from './given/index.ts'
export * from './session/index.ts'
export * from './simulation/index.ts'
