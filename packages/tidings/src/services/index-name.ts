// The names of a table's indexes, with a sentence for the compiler to show for a field without an index. Types only.

/** The name of an index. For a field without one, the compiler shows the sentence, which says what to add. */
export type IndexName<Index extends string, Sentence extends string> = Index | Or<Sentence>

/** The sentence about a field without an index. */
export type AddIndex<Table extends string> = string extends Table
  ? "add .index('…') with this field to the table"
  : `add .index('…') with this field to table ${Table}`

declare const shown: unique symbol

// What the compiler shows beside the names that fit. No value has this type.
type Or<Sentence extends string> = string & { readonly [shown]: Sentence extends string ? true : true }
