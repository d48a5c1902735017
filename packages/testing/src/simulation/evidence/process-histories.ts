// Reads the histories of process managers: which events took effect in which instance, and what became of its timers.

import type { LoggedEvent, Service } from 'tidings'
import { listProcesses, type ProcessInstance, type ProcessStep, showProcess } from 'tidings/operations'
import type { ServiceRuntime } from 'tidings/runtime'
import type { ExecutionRecord } from '../instrumentation/record-executions.ts'

/** An instance of a process manager and all its steps, oldest first. */
export interface InstanceEvidence extends Omit<ProcessInstance, 'steps'> {
  readonly steps: readonly ProcessStep[]
}

/** Every instance of a service's process managers, as `tidings process show` shows them. */
export async function readInstances(runtime: ServiceRuntime): Promise<readonly InstanceEvidence[]> {
  const instances: InstanceEvidence[] = []
  for (let after: string | undefined; ; ) {
    const page = await listProcesses(runtime, { limit: 1_000, ...(after === undefined ? {} : { after }) })
    for (const instance of page.instances) instances.push({ ...instance, steps: await readSteps(runtime, instance) })
    after = page.next
    if (after === undefined) return instances
  }
}

async function readSteps(
  runtime: ServiceRuntime,
  { process: name, key }: ProcessInstance,
): Promise<readonly ProcessStep[]> {
  const steps: ProcessStep[] = []
  for (let before: number | undefined; ; ) {
    const page = await showProcess(runtime, name, key, { limit: 1_000, ...(before === undefined ? {} : { before }) })
    steps.unshift(...page.steps.map((step) => ({ ...step, facts: step.facts.map(({ type }) => type) })))
    before = page.earlier
    if (before === undefined) return steps
  }
}

/** The steps of process managers, as execution records of their inputs. */
export function executionsOf(
  service: Service,
  instances: readonly InstanceEvidence[],
  eventsById: ReadonlyMap<string, LoggedEvent>,
): readonly ExecutionRecord[] {
  return instances.flatMap(({ process: name, key, steps }) => {
    const subscriber = service.processes.find((manager) => manager.name === name)?.subscriber ?? ''
    return steps.map(({ number, input, correlationId, published, requested }): ExecutionRecord => {
      const event = input.kind === 'event' ? eventsById.get(input.id ?? '') : undefined
      return {
        run: `${name}/${key}/${number}`,
        revision: 0,
        ...(input.kind === 'event'
          ? { kind: 'process', name, about: input.id ?? '' }
          : { kind: 'timer', name: `${name}.${input.name}`, about: correlationId }),
        subscriber,
        source: event?.source ?? '',
        key: event?.key ?? key,
        instance: key,
        ...(event === undefined ? {} : { position: event.position }),
        conversation: correlationId,
        published: published.length,
        requested: requested.map(({ id }) => id),
        timers: [],
      }
    })
  })
}
