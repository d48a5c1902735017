// The public entry of the test kit.

export * from './expectations/index.ts'
export { given } from './given/given.ts'
