// i18n.ts - the page in two languages: the English phrase is the key, {name} is filled in.
import {signal} from './signal';
import {zh} from './zh';

export type Lang = 'en' | 'zh';

function remembered(key: string): string | null {
  try { return localStorage.getItem(key); } catch { return null; }
}

export function remember(key: string, value: string): void {
  try { localStorage.setItem(key, value); } catch { /* a file opened from disk may have no storage */ }
}

const first = remembered('moat.lang') ?? (navigator.language.startsWith('zh') ? 'zh' : 'en');
export const lang = signal<Lang>(first === 'zh' ? 'zh' : 'en');
export const theme = signal<string>(remembered('moat.theme') ?? 'auto');

export function t(phrase: string, values: Record<string, string | number> = {}): string {
  const text = lang.value === 'zh' ? zh[phrase] ?? phrase : phrase;
  return text.replace(/\{(\w+)\}/g, (all, key) => key in values ? String(values[key]) : all);
}
