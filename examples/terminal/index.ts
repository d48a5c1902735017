// What the examples share when they run in a terminal: exit codes and Ctrl-C.
export { exitCodes, interruption } from './interruption.ts'
