// Safeguards of delivery: each event is handled, once in effect and in order, and a failure blocks nothing but its own key.
// Invariant: each entry removes one safeguard, and is in the section of the package whose source it changes; see CONTRIBUTING.md.
import type { MutationTable } from './mutation.ts'

/** The mutations called `delivery/…`. */
export const delivery: MutationTable = {
  tidings: {
    'answer-not-kept': {
      effect: 'The answer of a command is not kept under its idempotency key.',
      find: 'if (kept !== undefined) return replay(',
      replace: 'if (kept === null) return replay(',
      test: 'P3 (memory, no relay): a command whose answer was lost is answered again, not executed again [trap: ambiguous-commit]',
    },
    'answer-of-another': {
      effect: 'Principals share their idempotency keys: one gets the answer to another.',
      find: 'JSON.stringify([command, principal?.tenant ?? null, principal?.id ?? null, idempotencyKey])',
      replace: 'JSON.stringify([command, idempotencyKey])',
      test: 'P3 (memory, no relay): an idempotency key belongs to its principal and tenant: nobody gets the answer of another',
    },
    'answer-pruned-early': {
      effect: 'Answers under idempotency keys are deleted some hours too early.',
      find: 'core.environment.clock.now() - keepMs',
      replace: 'core.environment.clock.now() + 7_200_000 - keepMs',
      test: 'P3 (memory, no relay): an answer is kept for idempotencyKeepDays; a later repetition is a new command',
    },
    'blocked-by-another-name': {
      effect: 'Stored rows use a word for the state `blocked` that earlier builds do not know.',
      find: "event.state === 'blocked' ? 'queued' : event.state",
      replace: 'event.state as never',
      test: 'the code of today keeps everything under the names of the latest layout',
      promises: ['P8'],
    },
    'hostile-getters': {
      effect: 'A thrown value whose getters throw breaks the record of its failure.',
      find: 'return (value as Record<PropertyKey, unknown> | null | undefined)?.[name] } catch { return undefined }',
      replace:
        'return (value as Record<PropertyKey, unknown> | null | undefined)?.[name] } catch (error) { throw error }',
      test: 'P5 (memory, no relay): a handler that throws a revoked proxy holds only its own key [trap: poison]',
    },
    'thrown-rejection-fails': {
      effect: 'A command that throws a rejection fails instead of rejecting.',
      find: 'if (isRejection(thrown)) return thrown',
      test: 'a rejection thrown in a decider is its answer, under a key too, and nothing is committed',
      promises: ['P1'],
    },
    'blocked-in-reverse': {
      effect: 'The events blocked behind a parked one are kept in reverse order.',
      find: 'else events.push(event)',
      replace: 'else events.unshift(event)',
      test: 'P5 (memory, no relay): a redrive shows what it will do, keeps the order, and parks again what fails again [trap: poison]',
    },
    'odd-stack': {
      effect: 'An error whose stack is no text breaks the record of its failure.',
      find: "typeof stack === 'string' && stack !== '' ?",
      replace: 'stack !== undefined ?',
      test: 'P5 (memory, no relay): a handler that throws an error without a stack holds only its own key [trap: poison]',
    },
    'cancelled-timer-fires': {
      effect: 'A timer fires although it was cancelled after it came due.',
      find: 'if (row === undefined) return false',
      replace: 'if (row === undefined) return true',
      test: 'P3 (memory, no relay): a timer that is cancelled or set again after it came due does not fire for its earlier setting [trap: timers]',
    },
    'cause-forgotten': {
      effect: 'A published event does not name the handled event as its cause, but the cause of that event.',
      find: 'causationId: event.id,',
      replace: 'causationId: event.causationId,',
      test: 'P9 (memory, no relay): every event leads to the command that began it and to everything that it caused',
    },
    'causes-without-bound': {
      effect: 'Every cause of failures gets log lines of its own, however many there are.',
      find: 'this.#causes.size < causesMax',
      replace: 'this.#causes.size >= 0',
      test: 'a storm of ever new causes does not fill the log',
      promises: ['P11'],
    },
    'checkpoint-not-kept': {
      effect: 'The effects of an event are committed without the checkpoint of its subscriber.',
      find: 'unit.putDocument(systemTables.checkpoints, this.key, checkpoint)',
      replace: 'unit.putDocument(systemTables.checkpoints, this.key, this.#checkpoint)',
      test: 'P1 (memory, no relay): killed right before or after its commit, an event has no effect or its whole effect, once [trap: dual-write]',
    },
    'checkpoint-not-reread': {
      effect: 'After a commit that took effect but was reported as failed, the checkpoint is not read again.',
      find: 'this.#checkpoint = kept?.document ?? beginning',
      replace: 'if (this.#revision === 0) this.#checkpoint = kept?.document ?? beginning',
      test: 'P3 (memory, no relay): a commit that took effect but was reported as failed is not repeated [trap: ambiguous-commit]',
    },
    'checkpoint-of-whole-batch': {
      effect: 'When a batch runs event by event, its first event moves the checkpoint to the end of the batch.',
      find: 'next: isLast ? next : delivery.position',
      replace: 'next',
      test: 'P2 (memory, no relay): failed, short and filtered reads and failed commits never move a checkpoint past an unhandled event [trap: progress-too-far]',
    },
    'claim-unchecked': {
      effect: 'If a timer is cancelled or set again while it is moved to its subscriber, it is moved anyway.',
      find: 'unit.check({ table: systemTables.schedule, key: item.id, revision })',
      test: 'P3 (memory, no relay): a timer that is cancelled or set again while it is moved to its subscriber does not fire for its earlier setting [trap: timers]',
    },
    'clock-jump-unnoticed': {
      effect: 'A clock that is set forward is not noticed.',
      find: 'return Math.min(pollMs, Math.max(1,',
      replace: 'return Math.min(2 ** 31 - 1, Math.max(1,',
      test: 'P3 (memory, no relay): a clock that jumps forwards and back leaves a timer due once [trap: timers]',
    },
    'command-asks-broker': {
      effect: 'A command asks the broker before it answers.',
      find: 'const target = commandTarget(core, name) const contract',
      replace:
        'await core.broker.published(core.service.name); const target = commandTarget(core, name); const contract',
      test: 'P6 (memory, no relay): commands and queries are answered while the broker throws, and the outbox drains afterwards',
    },
    'conflict-leaves-effects': {
      effect: 'An attempt that ends in a conflict leaves its effects and timers behind.',
      find: 'if (!this.#allows(unit)) return false',
      replace:
        "if (!this.#allows(unit)) {\n      for (const [key, row] of unit.#rows?.get('tidings.agenda') ?? []) this.#rowsOf('tidings.agenda').set(key, row)\n      return false\n    }",
      test: 'P3 (memory, no relay): concurrent inputs of one instance decide one after the other, and what they publish, request and execute happens once [trap: process-race]',
    },
    'conflict-leaves-events': {
      effect: 'An attempt that ends in a conflict leaves its events behind.',
      find: 'if (!this.#allows(unit)) return false',
      replace:
        'if (!this.#allows(unit)) {\n      for (const event of unit.#events) this.#events.push(event)\n      return false\n    }',
      test: 'P3 (memory, no relay): concurrent inputs of one instance decide one after the other, and what they publish, request and execute happens once [trap: process-race]',
    },
    'copied-twice': {
      effect: 'A broker stores an event a second time, although it already has it.',
      find: 'if (event.position > this.head) this.#events.push',
      replace: 'this.#events.push',
      test: 'P2 P3 P4 (memory, relayed): two relays at once copy each event once, in order [trap: order-lost]',
    },
    'counts-not-written': {
      effect: 'Failures that were only counted are not logged when the service stops.',
      find: 'this.#core.repeatedLines.writeAll()',
      test: 'what was only counted is logged when the service stops',
      promises: ['P9'],
    },
    'deferred-after-handled': {
      effect: 'An event that was handled stays deferred, and a redrive handles it again.',
      find: 'for (const event of settled) this.#retryQueue.stageRemoval(unit, event)',
      test: 'P3 (memory, no relay): a redrive that is killed at any commit, and repeated, has one effect [trap: inbox-race]',
    },
    'deferred-as-one': {
      effect: 'The deferred events of a subscriber are kept by position alone, whatever their source.',
      find: 'this.#prefix = `${subscriber}/${source}/`',
      replace: 'this.#prefix = `${subscriber}/`',
      test: 'P3 (memory, no relay): events of two sources with the same ids, keys and positions are each handled once by each subscriber [trap: inbox-race]',
    },
    'deferred-elsewhere': {
      effect: 'Deferred events of earlier builds are looked for in a table that those builds do not have.',
      find: "deferred: 'tidings.held'",
      replace: "deferred: 'tidings.deferred'",
      test: 'the folder of layout-1 > goes on with what was deferred, in order, and handles nothing twice',
      promises: ['P2'],
    },
    'deferred-key-overtaken': {
      effect: 'New events of a key run although an earlier one is deferred.',
      find: 'return this.#retryQueue.has(key) || this.deferredByCatchUp(key) !== undefined',
      replace: 'return this.deferredByCatchUp(key) !== undefined',
      test: 'P4 (memory, no relay): retries keep the order of their key [trap: order-lost]',
    },
    'deferred-not-stored': {
      effect: 'Deferred events are not kept in the store.',
      find: 'unit.putDocument(systemTables.deferred, this.#rowKey(event), toRow(event))',
      test: 'P4 (memory, no relay): a deferred key keeps its order through kills and restarts, while others flow [trap: order-lost]',
    },
    'deferred-without-limit': {
      effect: 'The list of deferred events has no limit.',
      find: 'if (subscription.deferred.count >= deferredCountMax) {',
      replace: 'if (subscription.deferred.count < 0) {',
      test: 'P5 (memory, no relay): a full list of deferred events pauses the subscription, and a redrive lets it continue [trap: poison]',
    },
    'earlier-answers-forgotten': {
      effect:
        'Answers that earlier builds kept under idempotency keys are not found, so a retry across a deploy is carried out again.',
      find: 'return this.#core.hasEarlierAnswers ? this.#findEarlier(unit) : undefined',
      replace: 'return undefined',
      test: 'P3 (memory, no relay): answers of earlier builds are kept for as long, counted from the first start of this one',
    },
    'earlier-setting-fires': {
      effect: 'A timer that was set again after it came due fires for its earlier setting.',
      find: "if (!('claimed' in kept) || kept.claimed !== position) return false",
      test: 'P3 (memory, no relay): a timer that is cancelled or set again after it came due does not fire for its earlier setting [trap: timers]',
    },
    'events-apart': {
      effect: 'Events are committed after the state that they belong to.',
      find: 'return this.store.commit(commit).then(',
      replace:
        'const { events, ...state } = commit\n    const first = events.length === 0 ? this.store.commit(commit) : this.store.commit({ ...state, events: [] })\n    return first.then((result) => (result.committed && events.length > 0 ? this.store.commit({ checks: [], rows: [], appends: [], events }) : result)).then(',
      test: 'P1 P2 P3 P4 (memory, no relay): killed at any commit, nothing is lost, halved, doubled or out of order [trap: dual-write]',
      promises: ['P1', 'P2'],
    },
    'events-not-upcast': {
      effect: 'Handlers get old events as they were published.',
      find: 'if (event.version === contract.chain.latest.version) return data',
      replace: 'if (event.version <= contract.chain.latest.version) return data',
      test: 'P8 (memory, no relay): a parked event is upcast when it is redriven [trap: upcaster]',
    },
    'failed-attempt-kept': {
      effect: 'What a handler wrote before it failed is kept.',
      find: "unit.close() return { result: 'failed'",
      replace: "batch.merge(unit); unit.close(); return { result: 'failed'",
      test: 'P1 (memory, no relay): a handler that throws leaves no row, no fact, no event, no read model',
    },
    'failed-key-not-blocked': {
      effect: 'The later events of a batch run although an earlier one of their key has failed.',
      find: "if (result.result === 'failed') blockedKeys.add(key)",
      test: 'P4 (memory, no relay): within one batch, the later events of a key wait behind one that fails [trap: order-lost]',
    },
    'failure-stops-subscription': {
      effect: 'A handler that throws stops its whole subscription.',
      find: "return { result: 'failed', durationMicros: micros(), error } }",
      replace: 'throw error }',
      test: 'P11 (memory, no relay): an event with any envelope is handled, or deferred with its key, and blocks no other key [trap: payloads, poison]',
    },
    fence: {
      effect: 'A subscription commits although another runtime has moved its checkpoint.',
      find: 'unit.check({ table: systemTables.checkpoints, key: this.key, revision: this.#revision })',
      test: 'P3 (memory, no relay): a runtime that slept through its replacement is fenced off [trap: zombie]',
    },
    'failures-unlogged': {
      effect: 'A failing or parked event leaves no log line.',
      find: 'logOutcomes(subscription, deferred, settled)',
      test: 'the first failure of an event and its parking are logged once each, with the command to look closer',
      promises: ['P5', 'P9'],
    },
    'first-run-forgotten': {
      effect: 'The time from which effects are performed is decided again at each start.',
      find: 'const at = kept?.document.at ?? core.environment.clock.now()',
      replace: 'const at = core.environment.clock.now()',
      test: 'P7 (memory, no relay): a catch-up performs the effects requested after its first run, whose time is kept [trap: replay-storm]',
    },
    'forgotten-in-a-week': {
      effect: 'A subscriber forgets after a week that it handled an event.',
      find: 'const fresh = deliveries.filter((delivery) => delivery.position > subscription.checkpoint.position)',
      replace:
        'const weekAgo = subscription.core.environment.clock.now() - 604_800_000\n  const fresh = deliveries.filter((delivery) => delivery.position > subscription.checkpoint.position || delivery.recordedAt < weekAgo)',
      test: 'P3 (memory, no relay): an event that is delivered again, or redriven, years after it was handled is not handled again [trap: inbox-race]',
    },
    'future-mangled': {
      effect: 'An event newer than the code is read as if the code knew its version.',
      find: 'stored.readableFrom <= latest',
      replace: 'stored.readableFrom <= stored.version',
      test: 'P8 (memory, no relay): an event newer than the code waits, visibly, and is handled in order when the code knows it [trap: upcaster]',
    },
    'future-parked': {
      effect: 'An event newer than the code is parked, and is not handled once the code knows its version.',
      find: "VERSION_FROM_FUTURE: entry('wait',",
      replace: "VERSION_FROM_FUTURE: entry('never',",
      test: 'P7 P8 (memory, no relay): rolled-back code rebuilds: newer events wait with their keys, and are handled when the newer code is back [trap: upcaster]',
      promises: ['P8'],
    },
    'generation-used-twice': {
      effect: 'A rebuild fills tables whose number an earlier rebuild used, and which another process may still drop.',
      find: 'Math.max(state.generation, state.begun ?? 0)',
      replace: 'state.generation',
      test: 'P7 (memory, no relay): a process that was paused while it removed an abandoned rebuild removes nothing of its successor [trap: zombie]',
    },
    'history-on-restart': {
      effect: 'A projection, replica or schedule handles its whole history again after a restart.',
      find: 'this.#checkpoint = kept?.document ?? beginning',
      replace: "this.#checkpoint = this.kind === 'handlers' ? beginning : (kept?.document ?? beginning)",
      test: 'P7 (memory, no relay): history that is read again by rebuilds, restarts and redrives causes nothing a second time [trap: replay-storm]',
    },
    'history-performed': {
      effect: 'A handler that catches up performs the effects of all history.',
      find: 'const wanted = this.declares.effectsFrom === undefined || this.inputRecordedAt >= this.declares.effectsFrom',
      replace: 'const wanted = true',
      test: 'P7 (memory, no relay): a catch-up performs the effects requested after a given time [trap: replay-storm]',
    },
    'hopeless-dropped': {
      effect: 'An event that can never be handled is dropped.',
      find: 'deferred.push(event)',
      replace: "if (event.state !== 'parked') deferred.push(event)",
      test: 'P5 (memory, no relay): what can never succeed is parked at once [trap: poison]',
    },
    'hour-skipped': {
      effect: 'A timer that is due in the hour that a clock skips does not fire.',
      find: '(everyHour ? (skipped ? [] : instants) : instants.slice(0, 1))',
      replace: '(skipped ? [] : everyHour ? instants : instants.slice(0, 1))',
      test: 'P3 (memory, no relay): a daily timer fires once on the days when the clocks change [trap: timers]',
    },
    'hour-twice': {
      effect: 'A timer fires twice at a time of day that occurs twice, when a clock is set back.',
      find: '(everyHour ? (skipped ? [] : instants) : instants.slice(0, 1))',
      replace: '(everyHour ? (skipped ? [] : instants) : instants)',
      test: 'a clock that is set forward or back neither loses nor doubles an occurrence [trap: timers]',
      promises: ['P3'],
    },
    'inline-state-not-reread': {
      effect: 'The cached state of an inline projection is not read again after a conflict.',
      find: "if (readModel?.projection?.mode === 'inline') await this.generations.refresh(this.store, readModel)",
      replace: 'void readModel',
      test: 'P6: an inline projection whose rebuild was reported as failed can still be written [trap: ambiguous-commit]',
    },
    'killer-unrecognised': {
      effect: 'A handler that ends its process runs again at every start.',
      find: 'const killed = runs >= core.service.limits.crashesMax',
      replace: 'const killed = false',
      test: 'P5 (memory, no relay): a handler that ends its process is recognised after some restarts, and parked [trap: poison]',
    },
    'leftovers-listed-late': {
      effect: 'A process that is paused during its start drops the tables that its successor has begun to fill.',
      find: 'for (const other of generationsAmong(names, readModel))',
      replace: 'for (const other of generationsAmong(await store.tableNames(), readModel))',
      test: 'P7 (memory, no relay): a process that was paused during its start removes nothing of its successor [trap: zombie]',
    },
    'newer-timer-read': {
      effect: 'Older code reads timers and effects of newer code as if they were its own.',
      find: 'if (item.version === chain.latest.version) return data',
      replace: 'if (item.version >= chain.latest.version) return data',
      test: 'P8 (memory, no relay): timers and effects set by newer code wait while older code runs, and run once when it is back [trap: upcaster, timers]',
    },
    'one-key-side-by-side': {
      effect: 'Events of one key run side by side.',
      find: 'if (chain === undefined) chains.set(key, [index])',
      replace: 'if (chain === undefined || chain.length > 0) chains.set(`${key}/${index}`, [index])',
      test: 'P4 (memory, no relay): different keys run side by side, the events of one key one after the other [trap: order-lost]',
    },
    'own-writes-unfiltered': {
      effect: 'A read by index returns a row that the same function has just written with another value.',
      find: 'conditions.every(({ at, equals }) => row.columns[at] === equals)',
      replace: 'conditions.every(({ at }) => row.columns[at] !== undefined)',
      test: 'P1 (memory, no relay): a function sees its own writes as all others see them after the commit',
    },
    'parked-not-kept': {
      effect: 'An event that has used up its attempts is not kept.',
      find: 'unit.putDocument(systemTables.deferred, this.#rowKey(event), toRow(event))',
      replace:
        "if (event.state === 'parked') this.stageRemoval(unit, event); else unit.putDocument(systemTables.deferred, this.#rowKey(event), toRow(event))",
      test: 'P5 (memory, no relay): a redrive shows what it will do, keeps the order, and parks again what fails again [trap: poison]',
    },
    'process-on-old-state': {
      effect: 'Two inputs that run side by side in a batch decide on the same state.',
      find: 'if (!this.#allows(unit)) return false',
      test: 'P3 (memory, no relay): concurrent inputs of one instance decide one after the other, and what they publish, request and execute happens once [trap: process-race]',
    },
    'readable-from-no-version': {
      effect: 'An event claims to be readable from a version that does not exist, and it is read.',
      find: 'if (stored.readableFrom >= 1 && stored',
      replace: 'if (stored',
      test: 'P8 (memory, no relay): an event of any version is read as it declares, or is deferred with its key and a code [trap: upcaster, payloads]',
      traps: ['upcaster'],
    },
    'reads-unchecked': {
      effect: 'What a function has read is not checked when it commits.',
      find: "if (typeof from === 'number') checks.push({ table, key, revision: from })",
      test: 'P3 (memory, no relay): commands and handlers that change the same row at the same time each keep their effect [trap: inbox-race]',
    },
    'rebuild-by-replaced-process': {
      effect: 'A process begins a rebuild and switches to it although its successor has already started.',
      find: 'if (core.runRevision !== undefined)',
      replace: 'if (core.runRevision === 0)',
      test: 'P7: a process that was replaced begins no rebuild [trap: zombie]',
    },
    'rebuild-by-two': {
      effect: 'A read model is still written after another runtime has switched it.',
      find: 'unit.check({ table: systemTables.readModels, key: readModel.subscriber, revision: this.#generationsRevision })',
      test: 'P7: a rebuild that a successor has finished is not filled again by the process that began it [trap: zombie]',
    },
    'rebuild-on-live-rows': {
      effect: 'A rebuild runs its steps again on the rows that serve reads.',
      find: 'return subscriptionsTo(core, readModel, () => generation, generation)',
      replace: 'return subscriptionsTo(core, readModel, () => generation - 1, generation)',
      test: 'P7 (memory, no relay): totals is rebuilt while reads and appends run, and nothing is published [trap: replay-storm]',
    },
    'rebuild-skips-failures': {
      effect: 'Events that fail during a rebuild are skipped.',
      find: 'for (const event of deferred) this.#retryQueue.stage(unit, event)',
      replace: "if (this.kind !== 'rebuild') for (const event of deferred) this.#retryQueue.stage(unit, event)",
      test: 'P7 P8 (memory, no relay): an upcaster that lacks a field during a rebuild blocks its key, and nothing else [trap: upcaster]',
    },
    redelivered: {
      effect: 'An event that a broker delivers a second time is handled a second time.',
      find: 'const fresh = deliveries.filter((delivery) => delivery.position > subscription.checkpoint.position)',
      replace: 'const fresh = deliveries',
      test: 'P3 (memory, no relay): a broker that delivers events again causes nothing again [trap: inbox-race]',
    },
    'redrive-unlocked': {
      effect: 'A redrive changes the deferred events of a subscription while its loop is at work.',
      find: 'await loop.whileResting(() => loop.subscription.redrive(parked))',
      replace: 'await loop.subscription.redrive(parked)',
      test: 'P3 (memory, no relay): many concurrent and repeated redrives have each effect once, in order, while more events arrive [trap: replay-storm, poison]',
    },
    'refusal-stops-subscription': {
      effect:
        'If the store refuses the commit of an event on a retry, the event is retried for ever, and everything behind it waits.',
      find: 'if (!isRefusedCommit(error)) throw error',
      replace: 'if (before !== undefined || !isRefusedCommit(error)) throw error',
      test: 'P5 (memory, no relay): a commit that the store refuses is a failure of its event, also on a retry: counted, parked, redriven [trap: poison]',
    },
    'retried-for-ever': {
      effect: 'An event that fails is retried for ever.',
      find: "const usedUp = retry === 'backoff' && attempts >= limits.attemptsMax",
      replace: 'const usedUp = false',
      test: 'P5 (memory, no relay): a poisoned event is retried with growing delays, then parked with the later events of its key [trap: poison]',
    },
    'retry-delay-unseeded': {
      effect: 'The delay before a retry comes from a random source that no seed decides.',
      find: '0.2 * random.next()',
      replace: '0.2 * Math.random()',
      test: 'a session itself > P10 the same seed gives the same trace, another seed another',
    },
    'retry-unfenced': {
      effect: 'A retry is committed although another runtime has taken over.',
      find: 'this.#fence(unit) unit.putDocument',
      replace: 'if (settled.length === 0) this.#fence(unit); unit.putDocument',
      test: 'P3 (memory, no relay): a run that was replaced during a retry takes nothing from its successor [trap: zombie]',
    },
    'rows-unchecked': {
      effect: 'A function that has listed rows, or found them by an index, commits although they have changed.',
      find: 'if (this.#pending(table, key) === undefined) this.#recordRead(table, key, revision)',
      replace: 'if (table === key) this.#recordRead(table, key, revision)',
      test: 'P3 (memory, no relay): a function that has read many rows decides on the rows as they are when it commits [trap: inbox-race]',
    },
    'schedule-elsewhere': {
      effect: 'Timers and effects of earlier builds are looked for in a table that those builds do not have.',
      find: "schedule: 'tidings.agenda'",
      replace: "schedule: 'tidings.schedule'",
      test: 'the folder of layout-1 > fires its timers once, performs what was requested for later, and goes on with its processes',
      promises: ['P2'],
    },
    'seen-before-handled': {
      effect: 'Events count as seen before they are handled.',
      find: 'const outcomes = await this.#lock(() => deliverBatch(subscription, page.deliveries, page.next))',
      replace:
        'subscription.skipTo(page.next)\n    const outcomes = await this.#lock(() => deliverBatch(subscription, page.deliveries, page.next))',
      test: 'P2 (memory, no relay): failed, short and filtered reads and failed commits never move a checkpoint past an unhandled event [trap: progress-too-far]',
    },
    'sent-counts-as-arrived': {
      effect: 'What the relay has sent counts as arrived.',
      find: 'const page = await store.readEventLog({ after, limit: batchCountMax })',
      replace:
        'const page = await store.readEventLog({ after: after > this.#position ? after : this.#position, limit: batchCountMax })\n    this.#position = page.next',
      test: 'P2 P3 P4 (memory, relayed): a relay that fails or dies before or after a batch arrives loses and doubles nothing [trap: dual-write]',
      promises: ['P2'],
    },
    'sent-in-given-order': {
      effect: 'A retry whose members come in another order is refused.',
      find: 'return JSON.stringify(sent, sorted) ??',
      replace: 'return JSON.stringify(sent) ??',
      test: 'P3 (memory, no relay): an honest retry gets the first answer: with random defaults, members in another order, and after a deploy that changed the schema',
    },
    'snapshot-of-another-shape': {
      effect: 'A snapshot of another shape is used as the state.',
      find: 'if (kept !== undefined && kept.document.shape === decider.snapshot.version) {',
      replace: 'if (kept !== undefined) {',
      test: 'P8 (memory, no relay): new code reads old events, facts, snapshots, rows and replicas everywhere [trap: upcaster]',
    },
    'sources-as-one': {
      effect: 'A subscriber has one checkpoint for all of its sources.',
      find: 'return `${this.subscriber}/${this.source}`',
      replace: 'return this.subscriber',
      test: 'P3 (memory, no relay): events of two sources with the same ids, keys and positions are each handled once by each subscriber [trap: inbox-race]',
    },
    'stale-stream-kept': {
      effect: 'A stream stays in memory after a conflict with what was read from it.',
      find: 'for (const { category, stream } of unit.loadedStreams()) this.streams.drop(category, stream)',
      test: 'P6: a stream whose append was applied but reported as failed is read again [trap: ambiguous-commit]',
    },
    'storms-in-full': {
      effect: 'In a storm every failure is logged in full.',
      find: 'if (cause.written < writtenMax) {',
      replace: 'if (cause.written >= 0) {',
      test: 'in a storm the first failures of a cause are logged, and the others as one line with their count',
      promises: ['P11'],
    },
    'switch-reported-as-failed': {
      effect:
        'If the last commit of a rebuild is applied but reported as failed, the rebuild is reported as failed, although it has switched.',
      find: 'if (core.generations.of(readModel).generation !== generation) throw error',
      replace: 'if (core.generations.of(readModel).generation !== 0) throw error',
      test: 'P7 (memory, no relay): a switch that was applied but reported as failed is a success [trap: ambiguous-commit]',
    },
    'timer-lost': {
      effect: 'A timer that has come due is removed from the schedule, and reaches no subscriber.',
      find: 'unit.putDocument(systemTables.queues, queueKey(item.queue, position), item)',
      test: 'P3 (memory, no relay): killed at any commit, a timer fires once, neither lost nor doubled [trap: timers]',
    },
    'timers-before-history': {
      effect: 'Timers that old events have set fire before the rest of the history is handled.',
      find: "subscription.kind === 'timers' && other.subscription.subscriber",
      replace: "subscription.kind === 'effects' && other.subscription.subscriber",
      test: 'P3 (memory, no relay): timers that came due during a history wait until their subscriber has caught up [trap: timers, replay-storm]',
    },
    'unavailable-counted': {
      effect: 'If the owner is unavailable, the event counts as poisoned.',
      find: "const counted = retry === 'backoff' || retry === 'never'",
      replace: "const counted = retry !== 'wait'",
      test: 'P5 (memory, no relay): the owner of a lookup is down: the subscription pauses and nothing is counted [trap: poison]',
    },
    unrecorded: {
      effect: 'A delivery leaves no record.',
      find: 'if (unrecorded) return',
      replace: 'if (!unrecorded) return',
      test: 'P9 (memory, no relay): every delivery leaves a record: attempts, duration, outcome, and why it is deferred',
    },
    'upcast-unchecked': {
      effect: 'The result of an upcaster is not checked.',
      find: 'return validateLatest(chain, data) } catch',
      replace: 'return data } catch',
      test: 'readVersion > an upcaster that throws, or whose result is not valid, is UPCAST_FAILED with the step and the cause [trap: upcaster]',
      promises: ['P8'],
    },
    'version-guessed': {
      effect: 'An event with an invalid version is read as if its version were valid.',
      find: 'if (!Number.isSafeInteger(stored.version) || stored.version < 1)',
      replace: 'if (stored.version < 1)',
      test: 'P8 (memory, no relay): an event of any version is read as it declares, or is deferred with its key and a code [trap: upcaster, payloads]',
    },
    'woken-only': {
      effect: 'A subscriber looks for events only when it is woken.',
      find: 'const delayMs = pausedMs > 0 ? pausedMs : Math.min(pollMs, dueMs)',
      replace: 'const delayMs = pausedMs > 0 ? pausedMs : dueMs === pollMs ? 3_600_000 : dueMs',
      test: 'P2 (memory, no relay): every wake-up is lost: the slow poll finds the event within pollMs',
    },
  },
  '@tidings/node': {
    'long-delay': {
      effect: 'If a delay is longer than a timer of Node supports, it fires at once.',
      find: 'Math.min(Math.max(0, delayMs), delayMsMax)',
      replace: 'delayMs',
      test: 'a timer with a longer delay than Node allows does not fire at once, and can be cancelled [trap: timers]',
      promises: ['P3'],
    },
  },
}
