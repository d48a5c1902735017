// Accounts whose e-mail address may occur once, written by commands and by a handler of another service's events.

import { defineCommand, defineEvent, defineService, defineTable, isRejection, type Service } from 'tidings'
import { z } from 'zod'

const account = z.object({
  id: z.string(),
  email: z.union([z.string(), z.number(), z.boolean()]).nullable().optional(),
  tenant: z.string().optional(),
  seat: z.number().optional(),
})

/** An account. */
export type Account = z.infer<typeof account>

const Invited = defineEvent('test.invited', { owner: 'invitations', pattern: 'notification' })
  .version(1, account)
  .key(({ id }) => id)

const Write = defineCommand('write', { input: z.object({ put: z.array(account), remove: z.array(z.string()) }) })
const Read = defineCommand('read', { input: z.object({}), output: z.array(z.string()) })
const Register = defineCommand('register', {
  input: z.object({ accounts: z.array(account) }),
  output: z.array(z.string()),
})
const Invite = defineCommand('invite', { input: z.object({ accounts: z.array(account) }) })

const plainTable = () =>
  defineTable('accounts')
    .version(1, account)
    .key(({ id }) => id)

/** The table as it was before its fields became unique, as it is, and with a version that makes addresses lower case. */
export const accountTables = {
  plain: plainTable,
  unique: () => plainTable().unique('email', { code: 'email-in-use' }).unique(['tenant', 'seat']),
  lowerCase: () =>
    defineTable('accounts')
      .version(1, account)
      .version(2, account, (v1) => ({
        ...v1,
        email: typeof v1.email === 'string' ? v1.email.toLowerCase() : v1.email,
      }))
      .key(({ id }) => id)
      .unique('email', { code: 'email-in-use' })
      .unique(['tenant', 'seat']),
}

/** The accounts and the invitations; `between` runs between a command's read and its writes. */
export function accountsWith(
  table: ReturnType<typeof accountTables.plain> = accountTables.unique(),
  between: () => Promise<void> = async () => {},
): readonly Service[] {
  const accounts = defineService('accounts', { tables: { accounts: table } })
  const invitations = defineService('invitations', { publishes: [Invited] })
  return [
    accounts.with({
      write: accounts.command(Write, async ({ put, remove }, { tables }) => {
        await between()
        for (const id of remove) tables.accounts.remove(id)
        for (const each of put) tables.accounts.put(each)
      }),
      register: accounts.command(Register, { executes: [Write] }, async (input, { execute }) => {
        const codes: string[] = []
        for (const each of input.accounts) {
          const answer = await execute(Write, { put: [each], remove: [] })
          codes.push(isRejection(answer) ? answer.code : 'registered')
        }
        return codes
      }),
      read: accounts.command(Read, async (_input, { tables }) =>
        (await tables.accounts.list()).map(({ id, email }) => `${id} ${email}`),
      ),
      invited: accounts.on(Invited, (data, { tables }) => tables.accounts.put(data)),
    }),
    invitations.with({
      invite: invitations.command(Invite, { publishes: [Invited] }, (input, { publish }) => {
        for (const each of input.accounts) publish(Invited, each)
      }),
    }),
  ]
}
