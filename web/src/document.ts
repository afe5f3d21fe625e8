// document.ts - the shapes of moat's JSON documents (docs/formats.md), as far as a view reads them.

export type Doc = {schema: string; moat: string; command: string; seed: number; inputs: Json; notes?: Note[]; evidence?: string;
  run?: {wall_s?: number}} & {[key: string]: any};
export type Json = null | boolean | number | string | Json[] | {[key: string]: Json};
export type Note = {text: string; times: number};
export type Span = {at: number | null; lo: number | null; hi: number | null};

export type Slo = {metric: string; at: string; limit_ms: number; value_ms?: number | null; value_ms_lo?: number | null;
  value_ms_hi?: number | null; met?: boolean};
export type Candidate = {rank: number | null; accelerator: string; feasible: boolean; slo: Slo[]; evidence: string} & {[key: string]: any};
export type Part = {op: string; count: number; time_us: number; bound: string; flop?: number; bytes?: number};

/** q, q_lo and q_hi of an object. */
export function span(of: any, key: string): Span {
  return {at: of?.[key] ?? null, lo: of?.[`${key}_lo`] ?? null, hi: of?.[`${key}_hi`] ?? null};
}

export const known = (v: unknown): v is number => typeof v === 'number' && Number.isFinite(v);

/** "tp 2 pp 2", as the terminal writes it. */
export function split(d: any): string {
  const part = (k: string, always = false) => (d[k] > 1 || always ? `${k} ${d[k]}` : '');
  return [part('tp', true), part('pp'), part('dp'), part('ep')].filter(Boolean).join(' ');
}
