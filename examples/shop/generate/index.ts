// Endless plausible orders out of a seed.
export { type GenerateOptions, generateSteps } from './generate-steps.ts'
