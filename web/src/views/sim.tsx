// sim.tsx - moat.sim: the distributions of the latencies, the promises, what was missed and why, energy.
import * as Plot from '@observablehq/plot';
import {known, span, split, type Doc, type Slo} from '../document';
import {Chart, logTicks} from '../parts/chart';
import {factor, figure, metric, percent, range, time, timeSpan, usd, watts} from '../parts/format';
import {t} from '../parts/i18n';
import {Card, Pairs, Table, Tiles} from '../parts/table';
import type {View} from './view';

const names = ['ttft', 'tpot', 'itl', 'e2e'];
const where = (d: Doc) => `${figure(d.deployment.devices)} × ${d.deployment.accelerator} (${figure(d.deployment.replicas)} × ${split(d.deployment)})`;
const missed = (d: Doc): Slo[] => d.slo.filter((s: Slo) => !s.met);

function answer(d: Doc): string {
  const line = d.slo.map((s: Slo) => `${s.at} ${metric(s.metric)} ${timeSpan(span(s, 'value_ms'))} ≤ ${time(s.limit_ms)}`).join(', ');
  const verdict = !d.slo.length ? t('no promise is asked for') : missed(d).length ? t('it misses {n} of {all} promises', {n: missed(d).length, all: d.slo.length}) : t('it keeps every promise');
  return t('{model} on {where}: {verdict}{line}; {usd}/h, {mtok} per million output tokens ({evidence}).', {model: d.deployment.model, where: where(d), verdict,
    line: line ? ` (${line})` : '', usd: usd(d.usd_per_hour), mtok: usd(d.usd_per_mtok), evidence: t(d.evidence!)});
}

function Distribution({d, name}: {d: Doc; name: string}) {
  const x = d.distribution, at: (number | null)[] = x?.[`${name}_ms`];
  if (!at || !at.some((v) => known(v) && v > 0)) return null;
  const data = x.frac.map((q: number, i: number) => ({q, at: at[i], lo: x[`${name}_ms_lo`][i], hi: x[`${name}_ms_hi`][i]})).filter((p: any) => known(p.at) && p.at > 0);
  const slo: Slo[] = d.slo.filter((s: Slo) => s.metric === name);
  const xs = [...data.flatMap((p: any) => [p.lo, p.hi]), ...slo.map((s) => s.limit_ms)];
  const late = slo.some((s) => s.limit_ms > Math.sqrt(Math.min(...xs) * Math.max(...xs)));
  const q99 = data.find((p: any) => p.q === 0.99) ?? data[data.length - 1];
  return <Chart title={metric(name)} of={d}
    caption={t(name === 'itl' ? 'Share of the gaps between tokens that are no longer; the band is the 80 % interval of the prediction.' : 'Share of requests that take no longer; the band is the 80 % interval of the prediction.') + (slo.length ? ' ' + t('The line across is the promise.') : '')}
    label={`${metric(name)}: ${data.filter((p: any) => [0.5, 0.9, 0.99].includes(p.q)).map((p: any) => `p${p.q * 100} ${time(p.at)}`).join(', ')}`}
    draw={(width, ink) => ({
      height: Math.min(250, Math.max(200, width * 0.5)), marginLeft: 46, marginRight: 20, marginTop: 18, marginBottom: 38,
      x: {type: 'log', label: null, ticks: logTicks(xs), tickFormat: (v: number) => time(v)}, y: {domain: [0, 1], label: null, tickFormat: (v: number) => `${v * 100}%`, grid: true, ticks: [0, 0.25, 0.5, 0.75, 0.9, 1]},
      marks: [
        Plot.areaX(data, {y: 'q', x1: 'lo', x2: 'hi', fill: ink.c[0], fillOpacity: 0.18}),
        Plot.line(data, {x: 'at', y: 'q', stroke: ink.c[0], strokeWidth: 2.25}),
        Plot.ruleX(slo, {x: 'limit_ms', stroke: ink.c[1], strokeWidth: 2, strokeDasharray: '5 3'}),
        Plot.text(slo, {x: 'limit_ms', y: 0.06, text: (s) => `${s.at} ≤ ${time(s.limit_ms)}`, dx: late ? -5 : 5, textAnchor: late ? 'end' : 'start', fill: ink.c[1], stroke: ink.paper, strokeWidth: 4}),
        Plot.dot([q99], {x: 'at', y: 'q', r: 4, fill: ink.c[0]}),
        Plot.text([q99], {x: 'at', y: 'q', text: (p: any) => `p99 ${time(p.at)}`, dy: 13, dx: 5, textAnchor: 'start', fill: ink.ink, stroke: ink.paper, strokeWidth: 4}),
      ],
    })} />;
}

function Latencies({d}: {d: Doc}) {
  const cell = (k: string) => (name: string) => timeSpan(span(d[`${name}_ms`], k));
  return <Card title={t('Latency')}>
    <Table caption={t('In brackets: 80 % interval.')} rows={names.filter((n) => known(d[`${n}_ms`]?.mean))} columns={[
      {title: t('metric'), cell: metric}, ...['mean', 'p50', 'p90', 'p99'].map((k) => ({title: t(k), number: true, cell: cell(k)}))]} />
    {d.slo.length > 0 && <><h3>{t('Promises')}</h3><Table caption={t('Promises, and whether they are kept')} rows={d.slo as Slo[]} columns={[
      {title: t('promise'), cell: (s) => `${s.at} ${metric(s.metric)} ≤ ${time(s.limit_ms)}`},
      {title: t('comes to'), number: true, cell: (s) => timeSpan(span(s, 'value_ms'))},
      {title: t('verdict'), cell: (s) => !s.met ? `✗ ${t('missed')}${known(s.value_ms) ? `: ${factor(s.value_ms / s.limit_ms)}` : ''}` : known(s.value_ms_hi) && s.value_ms_hi > s.limit_ms ? `✓ ${t('kept, but not at the bad end of the interval')}` : `✓ ${t('kept')}`},
    ]} /></>}
  </Card>;
}

function Shares({d}: {d: Doc}) {
  const energy = d.energy_frac ?? {}, causes = Object.entries(d.misses_by_cause ?? {}).filter(([, n]) => (n as number) > 0) as [string, number][];
  return <Card title={t('Load, memory, energy')}>
    <Pairs rows={[
      [t('requests'), t('{o} offered, {c} completed, {r} rejected, {f} failed', {o: figure(d.requests.offered), c: figure(d.requests.completed), r: figure(d.requests.rejected), f: figure(d.requests.failed)})],
      [t('saturated'), d.saturated ? t('the queue grew over the whole trace: latencies are lower bounds') : ''],
      [t('throughput'), t('{r} requests/s ({g}/s within the limits), {o} output tokens/s', {r: figure(d.throughput.req_s), g: figure(d.goodput_req_s), o: figure(d.throughput.output_tok_s)})],
      [t('busy'), t('{p} of the time, {b} sequences a step', {p: percent(d.utilisation_frac), b: figure(d.batch_mean)})],
      [t('KV cache'), t('{p} at the peak, {m} on average; {n} preemptions', {p: percent(d.kv.peak_frac), m: percent(d.kv.mean_frac), n: figure(d.preemptions)})],
      [t('prefix cache'), d.prefix_hit_frac ? t('{p} of the prompt tokens found', {p: percent(d.prefix_hit_frac)}) : ''],
      [t('energy'), known(d.energy_kwh) ? `${figure(d.energy_kwh)} kWh ${range(span(d, 'energy_kwh'), figure)}; ${t('prompts {p}, decoding {d}, waiting {i}', {p: percent(energy.prefill), d: percent(energy.decode), i: percent(energy.idle)})}` : ''],
      [t('missed by cause'), causes.map(([k, n]) => `${t(k)} ${figure(n)}`).join(', ')],
      [t('price'), d.price ? `${usd(d.price.usd_per_card_hour)}/h; ${d.price.source}` : t('none is listed')],
    ]} />
  </Card>;
}

export function SimBody({doc: d}: {doc: Doc}) {
  return <>
    <Tiles tiles={[
      {name: 'p99 TTFT', value: time(d.ttft_ms.p99), more: range(span(d.ttft_ms, 'p99'), time)},
      {name: 'p99 TPOT', value: time(d.tpot_ms.p99), more: range(span(d.tpot_ms, 'p99'), time)},
      {name: t('the fleet'), value: `${usd(d.usd_per_hour)}/h`, more: where(d)},
      {name: t('per million output tokens'), value: usd(d.usd_per_mtok), more: t('{x} with prompts counted', {x: usd(d.usd_per_mtok_total)})},
      {name: t('within the limits'), value: `${figure(d.goodput_req_s)}/s`, more: t('of {r} requests/s', {r: figure(d.throughput.req_s)})},
      {name: t('power'), value: watts(d.power_w), more: range(span(d, 'power_w'), watts)},
    ]} />
    <Latencies d={d} />
    <div class="cards">{names.map((name) => <Distribution d={d} name={name} />)}</div>
    <Shares d={d} />
  </>;
}

export const sim: View = {
  schema: 'moat.sim', title: (d) => t('Simulation: {model} on {acc}', {model: d.deployment.model, acc: d.deployment.accelerator}),
  question: (d) => t('Does {where} serve this traffic of {n} requests within its promises?', {where: where(d), n: figure(d.requests.offered)}),
  answer, answered: (d) => missed(d).length === 0, Body: SimBody,
};
