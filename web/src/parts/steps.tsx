// steps.tsx - where the time of a step goes, operator by operator, and how near each is to the roof of the device.
import * as Plot from '@observablehq/plot';
import {known, type Part} from '../document';
import {Chart, logPlace, logTicks, uncovered} from './chart';
import {big, figure, percent} from './format';
import {t} from './i18n';

const bounds: Record<string, string> = {compute: 'arithmetic', memory: 'memory', link: 'links', fixed: 'fixed time', host: 'host'};
export const boundWord = (b: string): string => t(bounds[b] ?? b);

/** us in the unit that the longest asks for. */
function inTime(us: number, most: number): number {
  return most >= 1e3 ? us / 1e3 : us;
}

export function Breakdown({parts, title, caption, of}: {parts: Part[]; title: string; caption: string; of: unknown}) {
  const all = parts.reduce((s, p) => s + p.time_us, 0), most = Math.max(...parts.map((p) => p.time_us));
  const data = parts.filter((p) => p.time_us > 0).sort((a, b) => b.time_us - a.time_us);
  if (!data.length) return null;
  const kinds = [...new Set(data.map((p) => p.bound))];
  return <Chart title={title} of={of} caption={`${caption} ${t('Behind each share stands what bounds it.')}`}
    label={data.map((p) => `${p.op} ${percent(p.time_us / all)} ${boundWord(p.bound)}`).join('; ')}
    draw={(width, ink) => ({
      height: 48 + 25 * data.length, marginLeft: width < 480 ? 108 : 132, marginRight: width < 480 ? 104 : 150, marginTop: 6, marginBottom: 38,
      x: {label: most >= 1e3 ? 'ms' : 'µs', grid: true}, y: {domain: data.map((p) => p.op), label: null},
      color: {domain: kinds, range: kinds.map((b) => ({compute: ink.c[1], memory: ink.c[0], link: ink.c[3], fixed: ink.c[5], host: ink.c[4]}[b] ?? ink.c[5]))},
      marks: [
        Plot.barX(data, {x: (p) => inTime(p.time_us, most), y: 'op', fill: 'bound', insetTop: 3, insetBottom: 3}),
        Plot.text(data, {x: (p) => inTime(p.time_us, most), y: 'op', dx: 5, textAnchor: 'start', fill: ink.ink,
          text: (p) => `${percent(p.time_us / all)}, ${boundWord(p.bound)}`}),
      ],
    })} />;
}

export type Device = {accelerator: string; peak_flop_s: number | null; half_flop_s: number | null; mem_bw_bytes_s: number | null};

/** Reached FLOP/s against FLOP a byte, under the roofs of the device (Williams, Waterman, Patterson 2009). */
export function Roofline({device, steps, of}: {device: Device; steps: {name: string; parts: Part[]}[]; of: unknown}) {
  const data = steps.flatMap((s) => s.parts.filter((p) => p.flop && p.bytes && p.time_us > 0).map((p) => ({
    op: p.op, step: s.name, x: p.flop! / p.bytes!, y: p.flop! / (p.time_us * 1e-6), us: p.time_us})));
  const {peak_flop_s: peak, half_flop_s: half, mem_bw_bytes_s: bw} = device;
  if (!data.length || !known(peak) || !known(bw) || !peak || !bw) return null;
  const lo = Math.min(...data.map((p) => p.x)) / 2, hi = Math.max(...data.map((p) => p.x), peak / bw) * 3;
  const low = Math.min(...data.map((p) => p.y)) / 2;
  const roof = (top: number) => [{x: Math.max(lo, low / bw), y: Math.max(lo, low / bw) * bw}, {x: top / bw, y: top}, {x: hi, y: top}];
  const label = (top: number) => ({x: hi, y: top * 1.75, text: `${big(top)}FLOP/s`});
  const ys = [low, peak * 2.2];
  const longest: Record<string, number> = Object.fromEntries(steps.map((s) => [s.name, Math.max(...s.parts.map((p) => p.time_us))]));
  return <Chart title={t('Roofline of {device}', {device: device.accelerator})} of={of}
    caption={t('Each operator by what it computes for a byte it moves and what rate it reaches; the line is what the device could do: memory on the slope, arithmetic on the flat. ○ decoding, □ prompt; larger takes longer.')}
    label={data.map((p) => `${p.op} (${p.step}): ${figure(p.x)} FLOP/byte, ${big(p.y)}FLOP/s`).join('; ')}
    draw={(width, ink) => {
      const height = Math.min(440, Math.max(300, width * 0.62));
      const named = uncovered([...data].sort((a, b) => b.us / longest[b.step] - a.us / longest[a.step]).filter((p) => p.us > 0.03 * longest[p.step]), (p) => ({text: p.op,
        x: logPlace(p.x, lo, hi, 54, width - 24) - 3.3 * p.op.length, y: logPlace(p.y, ys[0], ys[1], height - 40, 26) - 16}));
      return {
      height, marginLeft: 54, marginRight: 24, marginTop: 26, marginBottom: 40,
      x: {type: 'log', domain: [lo, hi], label: t('FLOP a byte'), ticks: logTicks([lo, hi]), tickFormat: (v: number) => big(v), grid: true},
      y: {type: 'log', domain: ys, label: 'FLOP/s', ticks: logTicks(ys), tickFormat: (v: number) => big(v), grid: true},
      r: {range: [3, 13]}, symbol: {domain: steps.map((s) => s.name), range: ['circle', 'square']},
      marks: [
        ...(known(half) && half > 0 && half < peak ? [Plot.line(roof(half), {x: 'x', y: 'y', stroke: ink.soft, strokeDasharray: '4 4', strokeWidth: 1.5})] : []),
        Plot.line(roof(peak), {x: 'x', y: 'y', stroke: ink.ink, strokeWidth: 2}),
        Plot.text([label(peak)], {x: 'x', y: 'y', text: 'text', textAnchor: 'end', fill: ink.soft}),
        Plot.text(named, {x: 'x', y: 'y', text: 'op', dy: -16, fontSize: 11, fill: ink.ink, stroke: ink.paper, strokeWidth: 4}),
        Plot.dot(data, {x: 'x', y: 'y', r: 'us', symbol: 'step', fill: (p) => p.step === steps[0].name ? ink.c[0] : ink.c[1], fillOpacity: 0.35, stroke: (p) => p.step === steps[0].name ? ink.c[0] : ink.c[1],
          title: (p) => `${p.op}\n${p.step}\n${big(p.y)}FLOP/s`}),
      ],
    }; }} />;
}
