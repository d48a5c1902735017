// Whether a schema returns what it accepts. Types only.

/** `A` if two types are the same, otherwise `B`. An editor and the compiler print `A`, which names the type once, with half as many members. */
export type IfSame<Input, Output, A, B> =
  (<T>() => T extends Input ? 1 : 2) extends <T>() => T extends Output ? 1 : 2 ? A : B

/** As `IfSame`, for two schemas. */
export type IfBothSame<Input, Output, SecondInput, SecondOutput, A, B> = IfSame<
  Input,
  Output,
  IfSame<SecondInput, SecondOutput, A, B>,
  B
>
