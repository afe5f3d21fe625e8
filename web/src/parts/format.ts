// format.ts - numbers as people read them; the same rules as the terminal (src/show/text.c). Nothing is computed from them.
import {known, type Span} from '../document';

export const none = '–';

export function figure(v: number | null | undefined, digits = 3): string {
  if (!known(v)) return none;
  const a = Math.abs(v);
  if (a >= 1e15) return v.toExponential(2);
  if (a >= 100) return Math.round(v).toLocaleString('en-US');
  return a === 0 ? '0' : String(Number(v.toPrecision(a < 10 ? Math.min(digits, 2) : digits)));
}

type Unit = {name: string; per: number};
const times: Unit[] = [{name: 'd', per: 86400e3}, {name: 'h', per: 3600e3}, {name: 'min', per: 60e3}, {name: 's', per: 1e3}, {name: 'ms', per: 1}, {name: 'µs', per: 1e-3}];

function unitOf(ms: number): Unit {
  const least: Record<string, number> = {d: 3 * 86400e3, h: 2 * 3600e3, min: 120e3, s: 1e3, ms: 1};
  return times.find((u) => Math.abs(ms) >= (least[u.name] ?? 0))!;
}

/** Milliseconds: "41 ms", "1.9 s". */
export function time(ms: number | null | undefined): string {
  if (!known(ms)) return none;
  if (ms === 0) return '0';
  const u = unitOf(ms);
  return `${figure(ms / u.per, 2)} ${u.name}`;
}

const inUnit = (s: Span, per: number) => known(s.lo) && known(s.hi) ? ` [${figure(s.lo / per, 2)}–${figure(s.hi / per, 2)}]` : '';

/** "1.4 s [0.69–21]" */
export function timeSpan(s: Span): string {
  return known(s.at) ? time(s.at) + inUnit(s, unitOf(s.at).per) : none;
}

export function usd(v: number | null | undefined): string {
  if (!known(v)) return none;
  const a = Math.abs(v);
  if (a >= 1e9) return `$${figure(v / 1e9)}B`;
  if (a >= 1e6) return `$${figure(v / 1e6)}M`;
  if (a >= 1e4) return `$${Math.round(v).toLocaleString('en-US')}`;
  return `$${a >= 0.1 ? v.toFixed(2) : figure(v, 2)}`;
}

export function big(v: number | null | undefined): string {
  if (!known(v)) return none;
  for (const [per, name] of [[1e12, 'T'], [1e9, 'B'], [1e6, 'M'], [1e4, 'k']] as const)
    if (Math.abs(v) >= per) return `${figure(v / (name === 'k' ? 1e3 : per))}${name}`;
  return figure(v);
}

export const percent = (v: number | null | undefined): string => !known(v) ? none : v > 0 && v < 1e-3 ? '<\u202f0.1\u202f%' : `${figure(100 * v, 2)}\u202f%`;
export const factor = (v: number | null | undefined): string => known(v) ? `${v >= 10 ? figure(v, 2) : String(Number(v.toPrecision(3)))}×` : none;
export const watts = (v: number | null | undefined): string =>
  !known(v) ? none : v >= 1e6 ? `${figure(v / 1e6)} MW` : v >= 1e3 ? `${figure(v / 1e3)} kW` : `${figure(v)} W`;

/** "[0.69–21]" in a unit of so many, or "". */
export const range = (s: Span, print: (v: number) => string): string =>
  known(s.lo) && known(s.hi) && s.lo !== s.hi ? `[${print(s.lo)}–${print(s.hi)}]` : '';

/** Dotted keys as words: "p99 TTFT". */
export function metric(name: string): string {
  const upper: Record<string, string> = {ttft: 'TTFT', tpot: 'TPOT', itl: 'ITL', e2e: 'E2E'};
  return upper[name] ?? name;
}
