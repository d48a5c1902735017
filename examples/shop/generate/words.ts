// The data of generated customers: where they live, how they pay, what they write.

/** Places; big cities are listed more than once. */
export const places = [
  { city: 'sao paulo', state: 'SP', zipCode: '01310' },
  { city: 'sao paulo', state: 'SP', zipCode: '04302' },
  { city: 'campinas', state: 'SP', zipCode: '13010' },
  { city: 'rio de janeiro', state: 'RJ', zipCode: '20040' },
  { city: 'rio de janeiro', state: 'RJ', zipCode: '22041' },
  { city: 'belo horizonte', state: 'MG', zipCode: '30110' },
  { city: 'curitiba', state: 'PR', zipCode: '80010' },
  { city: 'porto alegre', state: 'RS', zipCode: '90010' },
  { city: 'salvador', state: 'BA', zipCode: '40020' },
  { city: 'recife', state: 'PE', zipCode: '50030' },
  { city: 'manaus', state: 'AM', zipCode: '69005' },
] as const

/** Ways to pay; common ones are listed more than once. */
export const paymentTypes = ['credit_card', 'credit_card', 'credit_card', 'boleto', 'debit_card'] as const

/** What unhappy customers write. */
export const complaints = [
  'Only one of the two parcels came.',
  'It came three weeks late.',
  'The box was open and the cup is broken.',
  'This is not what I ordered.',
  'I paid for it and never got it.',
] as const

/** What happy customers write. */
export const praise = [
  'Came before the date.',
  'Just as described.',
  'Well packed, thank you!',
  'I will order again.',
] as const
