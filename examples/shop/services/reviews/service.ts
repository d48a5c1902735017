// The service `reviews`: every review. Its events are small; others look up the text.
import { defineService, defineTable } from 'tidings'
import { Review, ReviewSubmitted, reviewKeyOf } from './contract.ts'

export const reviews = defineService('reviews', {
  description: 'Reviews that customers write of their orders.',
  publishes: [ReviewSubmitted],
  tables: { reviews: defineTable('reviews').version(1, Review).key(reviewKeyOf) },
})
