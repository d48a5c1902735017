// What the examples share when they run in a terminal: exit codes, Ctrl-C, and problems in readable lines.
export { exitCodes, interruption } from './interruption.ts'
export { printProblem } from './print-problem.ts'
