// All services of the shop.
import type { Service } from 'tidings'
import customers from './customers/index.ts'
import insights from './insights/index.ts'
import orders from './orders/index.ts'
import payments from './payments/index.ts'
import reviews from './reviews/index.ts'
import shipping from './shipping/index.ts'
import support from './support/index.ts'

/** The seven services of the shop. They share nothing and hear of each other only through events. */
export const shopServices: readonly Service[] = [customers, orders, payments, shipping, reviews, support, insights]
