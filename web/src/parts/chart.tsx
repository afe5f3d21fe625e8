// chart.tsx - an Observable Plot as a figure: redrawn when its width or language changes; what it says stands in words beside it.
import * as Plot from '@observablehq/plot';
import {useEffect, useRef, useState} from 'preact/hooks';
import {lang, t} from './i18n';
import {useSignal} from './signal';

export type Ink = {ink: string; soft: string; line: string; paper: string; c: string[]};

/** As variables of style.css, so that a picture follows the theme, and paper. */
const inks: Ink = {ink: 'var(--ink)', soft: 'var(--soft)', line: 'var(--line)', paper: 'var(--paper)', c: [1, 2, 3, 4, 5, 6].map((i) => `var(--c${i})`)};

type Props = {title: string; caption: string; label: string; wide?: boolean; draw: (width: number, ink: Ink) => Plot.PlotOptions; of: unknown};

/** label: the picture in a sentence, for those who do not see it. of: redraw when it changes. */
export function Chart({title, caption, label, draw, of, wide}: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(640);
  useSignal(lang);
  useEffect(() => {
    const see = new ResizeObserver(([e]) => setWidth(Math.max(260, Math.round(e.contentRect.width))));
    see.observe(box.current!);
    return () => see.disconnect();
  }, []);
  useEffect(() => {
    const style = {background: 'none', fontSize: '12px', overflow: 'visible'};
    const picture = Plot.plot({width, style, ...draw(width, inks)}) as SVGElement | HTMLElement;
    picture.setAttribute('role', 'img');
    picture.setAttribute('aria-label', label);
    picture.removeAttribute('aria-labelledby');
    for (const g of picture.querySelectorAll('g[aria-label], g[aria-description]')) {       // of marks and axes: what it says stands in `label`
      g.removeAttribute('aria-label');
      g.removeAttribute('aria-description');
    }
    box.current!.replaceChildren(picture);
  }, [of, width, lang.value]);
  return <figure class={wide ? 'card wide' : 'card'}>
    <h2>{title}</h2>
    <figcaption>{caption}</figcaption>
    <div ref={box} />
  </figure>;
}

/** How well a figure is known, as the shape of its mark. */
export const evidenceShape: Record<string, string> = {measured: 'circle', inferred: 'square2', assumed: 'triangle'};
export const evidenceSymbols = {domain: ['measured', 'inferred', 'assumed'], range: ['circle', 'square2', 'triangle'], legend: false} as const;
export const evidenceWords = (): string => t('● measured, ■ inferred, ▲ assumed');

/** Ticks of a logarithmic axis that do not crowd: every figure over short ranges, powers of ten over long ones. */
export function logTicks(values: number[]): number[] {
  const at = values.filter((v) => v > 0), lo = Math.min(...at), hi = Math.max(...at), out: number[] = [];
  const decades = Math.log10(hi / lo);
  for (let e = Math.floor(Math.log10(lo)); e <= Math.ceil(Math.log10(hi)); e++)
    for (const m of decades > 3.5 ? [1] : decades > 1.5 ? [1, 3] : decades > 0.7 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 8])
      out.push(Number((m * 10 ** e).toPrecision(3)));
  return out.filter((v) => v >= lo * 0.99 && v <= hi * 1.01);
}

export type Place = {x: number; y: number; text: string};

/** Of labels in order of weight those that do not cover one that is already placed. x and y: pixels; 6.6 pixels a letter. */
export function uncovered<T>(rows: T[], place: (row: T) => Place): T[] {
  const taken: {x0: number; x1: number; y: number}[] = [];
  return rows.filter((row) => {
    const p = place(row), box = {x0: p.x, x1: p.x + 6.6 * p.text.length, y: p.y};
    if (taken.some((b) => Math.abs(b.y - box.y) < 14 && b.x0 < box.x1 && box.x0 < b.x1)) return false;
    taken.push(box);
    return true;
  });
}

/** Where a value of a logarithmic axis comes to stand. */
export const logPlace = (v: number, lo: number, hi: number, from: number, to: number): number => from + (to - from) * Math.log(v / lo) / Math.log(hi / lo);
