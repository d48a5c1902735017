import { simulate, failureLines } from '@tidings/testing'
import { shopServices } from './examples/shop/services/index.ts'
import { chatServices } from './examples/chat/services/index.ts'
import shop from './examples/shop/simulation.ts'
import chat from './examples/chat/simulation.ts'
const [which, seed, runs, rate] = process.argv.slice(2)
const [services, simulation] = which === 'shop' ? [shopServices, shop] : [chatServices, chat]
const began = Date.now()
const report = await simulate({ services, simulation: { ...simulation, faults: { ...simulation.faults, hangingHandler: Number(rate) } }, seed: Number(seed), runs: Number(runs) })
const { failed } = report
console.log(which, seed, report.runs, 'runs', report.faults.hangingHandler, 'hangs', Date.now() - began, 'ms')
if (failed) console.log(failureLines(failed, `seed ${failed.seed}`).join('\n').slice(0, 3000))
