// The folder of the real orders. They are beside the repository and never copied into it, because of their licence (CC BY-NC-SA).
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The folder of the real orders. Throws if it does not exist. */
export function ordersFolder(): string {
  const folder = resolve(import.meta.dirname, '../../../../shared/data/olist-sample')
  if (!existsSync(join(folder, 'olist_orders_dataset.csv'))) {
    throw new Error(
      `The real orders are missing. This test reads the Olist sample (nine CSV files, see its NOTICE.md) from ${folder}, which is ../shared/data/olist-sample from the root of the repository.`,
    )
  }
  return folder
}
