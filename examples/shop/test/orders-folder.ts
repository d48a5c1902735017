// Where the real orders are. They stand beside the repository and are never copied into it: their licence (CC BY-NC-SA) asks for that.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The folder of the real orders; throws where it is not there. */
export function ordersFolder(): string {
  const folder = resolve(import.meta.dirname, '../../../../shared/data/olist-sample')
  if (!existsSync(join(folder, 'olist_orders_dataset.csv'))) {
    throw new Error(
      `The real orders are not there: this test reads the Olist sample (nine CSV files, see its NOTICE.md) from ${folder}, which is ../shared/data/olist-sample from the root of the repository.`,
    )
  }
  return folder
}
