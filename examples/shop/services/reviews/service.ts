// What `reviews` owns and says: every review. What it says of one is little; the text stays here and is looked up.
import { defineService, defineTable } from 'tidings'
import { Review, ReviewSubmitted, reviewKeyOf } from './contract.ts'

export const reviews = defineService('reviews', {
  description: 'What customers say of their orders.',
  publishes: [ReviewSubmitted],
  tables: { reviews: defineTable('reviews').version(1, Review).key(reviewKeyOf) },
})
