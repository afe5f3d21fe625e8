// signal.ts - a value that components watch: the least that this page needs of such a thing.
import {useEffect, useState} from 'preact/hooks';

export type Signal<T> = {value: T; watch: (f: () => void) => () => void};

export function signal<T>(first: T): Signal<T> {
  let at = first;
  const watchers = new Set<() => void>();
  return {
    get value() { return at; },
    set value(v: T) {
      if (v === at) return;
      at = v;
      watchers.forEach((f) => f());
    },
    watch(f) {
      watchers.add(f);
      return () => watchers.delete(f);
    },
  };
}

/** Draw the component again when the value changes. */
export function useSignal<T>(s: Signal<T>): T {
  const [, again] = useState(0);
  useEffect(() => s.watch(() => again((n) => n + 1)), [s]);
  return s.value;
}
