// bench.tsx - moat.bench: what a live endpoint did, and beside it what was predicted.
import * as Plot from '@observablehq/plot';
import {known, type Doc} from '../document';
import {Chart} from '../parts/chart';
import {factor, figure, none, time} from '../parts/format';
import {t} from '../parts/i18n';
import {Card, Pairs, Table, Tiles} from '../parts/table';
import type {View} from './view';

const rows = [['ttft', 'TTFT'], ['tpot', 'TPOT'], ['itl', 'ITL'], ['e2el', 'E2E']] as const;
const stats = ['mean', 'p50', 'p90', 'p99', 'max'] as const;

function answer(d: Doc): string {
  if (!d.completed) return t('No request was answered.');
  return t('{model} answered {n} of {all} requests: {r} requests/s, {o} output tokens/s, p99 TTFT {ttft}, p99 TPOT {tpot}.', {model: String(d.model_id), n: figure(d.completed), all: figure(d.num_prompts),
    r: figure(d.request_throughput), o: figure(d.output_throughput), ttft: time(d.p99_ttft_ms), tpot: time(d.p99_tpot_ms)});
}

/** Predicted over measured, with the interval: on the line the prediction is right. */
function Beside({d}: {d: Doc}) {
  const data = (d.predicted as any[]).filter((p) => known(p.measured) && p.measured > 0 && known(p.predicted)).map((p) => ({metric: p.metric, at: p.predicted / p.measured, lo: p.predicted_lo / p.measured, hi: p.predicted_hi / p.measured}));
  if (!data.length) return null;
  return <Chart title={t('Predicted over measured')} of={d} wide caption={t('On the line the prediction is right. The bar is the 80 % interval.')}
    label={data.map((p) => `${p.metric} ${factor(p.at)}`).join('; ')}
    draw={(_w, ink) => ({
      height: 52 + 24 * data.length, marginLeft: 128, marginRight: 56, marginTop: 6, marginBottom: 38, x: {label: t('times'), zero: true, grid: true}, y: {domain: data.map((p) => p.metric), label: null},
      marks: [Plot.ruleX([1], {stroke: ink.c[1], strokeWidth: 2}), Plot.ruleY(data, {y: 'metric', x1: 'lo', x2: 'hi', stroke: ink.soft, strokeWidth: 2}), Plot.dot(data, {x: 'at', y: 'metric', fill: ink.c[0], r: 4.5}),
        Plot.text(data, {x: 'hi', y: 'metric', text: (p: any) => factor(p.at), dx: 8, textAnchor: 'start', fill: ink.ink})],
    })} />;
}

function Body({doc: d}: {doc: Doc}) {
  const errors = Object.entries(d.errors_by_kind ?? {}) as [string, number][];
  return <>
    <Tiles tiles={[{name: t('requests'), value: figure(d.completed), more: t('of {n}', {n: figure(d.num_prompts)})}, {name: 'p99 TTFT', value: time(d.p99_ttft_ms), more: `p50 ${time(d.p50_ttft_ms)}`}, {name: 'p99 TPOT', value: time(d.p99_tpot_ms), more: `p50 ${time(d.p50_tpot_ms)}`},
      {name: t('output tokens/s'), value: figure(d.output_throughput)}, {name: t('requests a second'), value: figure(d.request_throughput), more: known(d.request_goodput) ? t('{g} within the limits', {g: figure(d.request_goodput)}) : undefined}]} />
    <Card title={t('Latency')}><Table caption={t('As the client saw it')} rows={[...rows]} columns={[{title: t('metric'), cell: (r) => r[1]}, ...stats.map((s) => ({title: t(s), number: true, cell: (r: readonly [string, string]) => time(d[`${s}_${r[0]}_ms`])}))]} /></Card>
    {d.predicted?.length > 0 && <><Beside d={d} /><Card title={t('Beside the prediction')}><Table caption={t('Measured, and what moat predicts for the same requests')} rows={d.predicted as any[]} columns={[
      {title: t('metric'), cell: (p) => p.metric}, {title: t('measured'), number: true, cell: (p) => figure(p.measured)}, {title: t('predicted'), number: true, cell: (p) => known(p.predicted) ? `${figure(p.predicted)} [${figure(p.predicted_lo)}–${figure(p.predicted_hi)}]` : none}, {title: t('times'), number: true, cell: (p) => factor(p.ratio)}]} /></Card></>}
    <Card title={t('Load')}><Pairs rows={[[t('endpoint'), `${d.endpoint_url}${d.endpoint ?? ''}`], [t('requests a second'), String(d.request_rate)], [t('in flight'), known(d.mean_concurrency) ? figure(d.mean_concurrency) : ''],
      [t('errors'), errors.length ? errors.map(([k, n]) => `${k} ${figure(n)}`).join(', ') : t('none')]]} /></Card>
  </>;
}

export const bench: View = {
  schema: 'moat.bench', title: (d) => t('Bench of {model}', {model: String(d.model_id)}), question: (d) => t('How fast is {url} under this load?', {url: String(d.endpoint_url)}), answer, answered: (d) => d.completed > 0, Body,
};
