// Endless plausible orders from a seed.
export { type GenerateOptions, generateLives, generateSteps } from './generate-steps.ts'
