// What the examples share on a terminal.
export { exitCodes, interruption } from './interruption.ts'
export { tellTrouble } from './trouble.ts'
