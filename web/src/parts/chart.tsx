// chart.tsx - an Observable Plot as a figure: redrawn when its width, language or theme changes; what it says stands in words beside it.
import * as Plot from '@observablehq/plot';
import {useEffect, useRef, useState} from 'preact/hooks';
import {lang, t, theme} from './i18n';
import {useSignal} from './signal';

export type Ink = {ink: string; soft: string; line: string; paper: string; c: string[]};

function inks(at: Element): Ink {
  const style = getComputedStyle(at);
  const get = (name: string) => style.getPropertyValue(name).trim();
  return {ink: get('--ink'), soft: get('--soft'), line: get('--line'), paper: get('--paper'), c: [1, 2, 3, 4, 5, 6].map((i) => get(`--c${i}`))};
}

type Props = {title: string; caption: string; label: string; draw: (width: number, ink: Ink) => Plot.PlotOptions; of: unknown};

/** label: the picture in a sentence, for those who do not see it. of: redraw when it changes. */
export function Chart({title, caption, label, draw, of}: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(640);
  const [dark, setDark] = useState(0);
  useSignal(lang);
  useSignal(theme);
  useEffect(() => {
    const see = new ResizeObserver(([e]) => setWidth(Math.max(260, Math.round(e.contentRect.width))));
    see.observe(box.current!);
    const query = matchMedia('(prefers-color-scheme: dark)'), turn = () => setDark((n) => n + 1);
    query.addEventListener('change', turn);
    return () => { see.disconnect(); query.removeEventListener('change', turn); };
  }, []);
  useEffect(() => {
    const style = {background: 'none', fontSize: '12px', overflow: 'visible'};
    const picture = Plot.plot({width, style, ...draw(width, inks(box.current!))}) as SVGElement | HTMLElement;
    picture.setAttribute('role', 'img');
    picture.setAttribute('aria-label', label);
    picture.removeAttribute('aria-labelledby');
    box.current!.replaceChildren(picture);
  }, [of, width, lang.value, theme.value, dark]);
  return <figure class="card">
    <h2>{title}</h2>
    <figcaption>{caption}</figcaption>
    <div ref={box} />
  </figure>;
}

/** How well a figure is known, as the shape of its mark. */
export const evidenceShape: Record<string, string> = {measured: 'circle', inferred: 'square2', assumed: 'triangle'};
export const evidenceSymbols = {domain: ['measured', 'inferred', 'assumed'], range: ['circle', 'square2', 'triangle'], legend: false} as const;
export const evidenceWords = (): string => t('● measured, ■ inferred, ▲ assumed');

/** Ticks of a logarithmic axis that do not crowd: 1, 2, 5 over short ranges, powers of ten over long ones. */
export function logTicks(values: number[]): number[] {
  const at = values.filter((v) => v > 0), lo = Math.min(...at), hi = Math.max(...at), out: number[] = [];
  const decades = Math.log10(hi / lo);
  for (let e = Math.floor(Math.log10(lo)); e <= Math.ceil(Math.log10(hi)); e++)
    for (const m of decades > 3.5 ? [1] : decades > 1.5 ? [1, 3] : [1, 2, 5])
      out.push(m * 10 ** e);
  return out.filter((v) => v >= lo * 0.7 && v <= hi * 1.4);
}
