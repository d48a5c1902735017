// `npm run rig`
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runRig } from './run-rig.ts'

const [minutes = '0.5', seed = String(Date.now() % 1e6), variant] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'shop-rig-'))
console.log(folder, seed)
const report = await runRig({
  seed: Number(seed),
  faultMs: Number(minutes) * 60_000,
  folder,
  ...(variant ? { variant } : {}),
  onLook: (l) => console.log(JSON.stringify(l)),
})
console.log(
  JSON.stringify(
    {
      ...report,
      verdict: Object.fromEntries(Object.entries(report.verdict).map(([k, v]) => [k, [v.length, ...v.slice(0, 5)]])),
    },
    null,
    1,
  ),
)
