// The source of a subscription as text: the name of a service, or the service's own timers, effects or facts.
// Invariant: own sources are shown in brackets, so they differ from every service's name.

const ownSources: Readonly<Record<string, string>> = {
  '~timers': '(timers)',
  '~effects': '(effects)',
  '~facts': '(facts)',
}

/** The text of a source: `orders`, `(timers)`. */
export function sourceText(source: string): string {
  return ownSources[source] ?? source
}

/** What a subscription on this source defers: events, timers or effects. */
export function deferredWord(source: string): 'event' | 'timer' | 'effect' {
  if (source === '~timers') return 'timer'
  return source === '~effects' ? 'effect' : 'event'
}
