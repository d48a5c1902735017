// The part of every context that only reads. Queries get it; effects use only its log.

import type { Log, StreamReader } from '../../services/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { createLog } from '../core/service-log.ts'
import { type RowSource, tableReader } from '../tables/bind-tables.ts'
import { lazyRecord } from '../tables/lazy-record.ts'
import { callerOfOrigin, type Origin } from '../unit-of-work/origin.ts'
import { replicaReader } from './replica-reader.ts'
import { streamReader } from './stream-reader.ts'

/** What functions that only read are given. */
export class ReadContext {
  protected readonly core: ServiceCore
  protected readonly origin: Origin
  #log: Log | undefined

  constructor(core: ServiceCore, origin: Origin) {
    this.core = core
    this.origin = origin
  }

  protected get source(): RowSource {
    return { store: this.core.store }
  }

  get principal() {
    return callerOfOrigin(this.origin)
  }
  get correlationId() {
    return this.origin.correlationId
  }
  get log(): Log {
    this.#log ??= createLog(this.core.environment, this.core.service.name, {
      by: this.origin.causedBy,
      correlationId: this.origin.correlationId,
    })
    return this.#log
  }
  get tables(): unknown {
    return lazyRecord(this.core.tables, (table) => tableReader(this.source, table))
  }
  get readModels(): unknown {
    return lazyRecord(this.core.readModelTables, (table) => tableReader({ store: this.core.store }, table))
  }
  get replicas(): unknown {
    return lazyRecord(this.core.replicaTables, (table, name) => replicaReader(this.core, table, name))
  }
  get streams(): StreamReader {
    return streamReader(this.core, undefined)
  }
  get now() {
    return () => new Date(this.core.environment.clock.now())
  }
}
