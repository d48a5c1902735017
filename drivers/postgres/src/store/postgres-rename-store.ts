// Gives the store of a service that was renamed its new name. Invariant: it happens in one message and so in one transaction: whoever looks finds the store
// under one of the two names. The functions of a store name its schema, so they are created anew.

import { dropFunctionStatements, functionStatements } from '../database/postgres-commit-function.ts'
import type { PostgresConnections } from '../database/postgres-connections.ts'
import { guarded } from '../database/postgres-errors.ts'
import { readIdentity } from '../database/postgres-layout.ts'
import { quotedText } from '../database/postgres-names.ts'
import { commentStart, type StorePlace, takeTurn } from '../database/postgres-schema.ts'
import { openCatalogue } from './postgres-catalogue.ts'

/** Renames the store at one place, if there is one and none at the other. */
export async function renameStore(connections: PostgresConnections, from: StorePlace, to: StorePlace): Promise<void> {
  await guarded(`rename the store of ${from.service} to ${to.service}`, async () => {
    if ((await readIdentity(connections, from)) === undefined) return
    if ((await readIdentity(connections, to)) !== undefined) return
    const catalogue = await openCatalogue(connections, from)
    const statements = [
      takeTurn(from),
      ...dropFunctionStatements(from),
      ...catalogue.functionDrops(),
      `ALTER SCHEMA ${from.schema} RENAME TO ${to.schema}`,
      `COMMENT ON SCHEMA ${to.schema} IS ${quotedText(commentStart + to.service)}`,
      `UPDATE ${to.in('tidings_store')} SET service = ${quotedText(to.service)}`,
      ...functionStatements(to),
      ...catalogue.functionsAt(to),
    ]
    await connections.borrow((connection) => connection.run(statements.join(';\n')))
  })
}
