// Endless plausible orders out of a seed.
export { type GenerateOptions, generateLives, generateSteps } from './generate-steps.ts'
