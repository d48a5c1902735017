// What a subscriber hears, in words: another service's name, or the service's own timers, effects or facts.
// Invariant: own sources begin with `~` and are shown in brackets, as no service's name is.

const ownSources: Readonly<Record<string, string>> = {
  '~timers': '(timers)',
  '~effects': '(effects)',
  '~facts': '(facts)',
}

/** Names a source for people. */
export function sourceText(source: string): string {
  return ownSources[source] ?? source
}

/** What is held from a source: an event, a timer or an effect. */
export function deferredWord(source: string): 'event' | 'timer' | 'effect' {
  if (source === '~timers') return 'timer'
  return source === '~effects' ? 'effect' : 'event'
}
