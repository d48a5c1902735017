// Builds and packs every package as it will be released: `npm run pack -- DIR` writes the tarballs into DIR.
import path from 'node:path'
import { packPackages } from './packing/pack-packages.ts'

const [target] = process.argv.slice(2)
if (target === undefined) {
  console.error('Usage: npm run pack -- DIR')
  process.exitCode = 2
} else {
  const packed = await packPackages(path.resolve(process.env.INIT_CWD ?? process.cwd(), target))
  for (const tarball of packed.values()) console.log(tarball)
}
