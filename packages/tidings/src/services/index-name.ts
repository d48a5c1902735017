// The names of a table's indexes, with a sentence for the compiler to show for a field without an index. Types only.

import type { ShownSentence } from '../contracts/index.ts'

/** The name of an index. For a field without one, the compiler shows the sentence, which says what to add. */
export type IndexName<Index extends string, Sentence extends string> = Index | ShownSentence<Sentence>

/** What stands for the value of a field without an index: the indexes there are, and the sentence that says what to add. */
export type NotAnIndex<Index extends string, Sentence extends string> = ShownSentence<Sentence> & {
  readonly '~indexes'?: Index
}

/** The sentence about a field without an index, of a table or of a `replica …`. */
export type AddIndex<Table extends string> = string extends Table
  ? "add .index('…') with this field to the table"
  : Table extends `replica ${string}`
    ? `add this field to the indexes of ${Table}: replicaOf(…, { indexes: ['…'] })`
    : `add .index('…') with this field to table ${Table}`

/** The sentence about a named field without an index, of a table or of a `replica …`. */
export type AddIndexOf<Table extends string, Field extends string> = string extends Table
  ? `add .index('${Field}') to the table`
  : Table extends `replica ${string}`
    ? `add '${Field}' to the indexes of ${Table}: replicaOf(…, { indexes: ['${Field}'] })`
    : `add .index('${Field}') to table ${Table}`
