// train.tsx - moat.train: days, cost, utilisation, and where the time of a training step goes.
import * as Plot from '@observablehq/plot';
import {known, span, type Doc} from '../document';
import {Chart} from '../parts/chart';
import {big, factor, figure, percent, range, time, usd} from '../parts/format';
import {t} from '../parts/i18n';
import {Card, Pairs, Tiles} from '../parts/table';
import type {View} from './view';

const days = (d: Doc) => `${figure(d.days)} ${range(span(d, 'days'), figure)}`;

function answer(d: Doc): string {
  if (!d.fits || !known(d.days)) return t('It does not work out: {why}', {why: d.reason ?? `${t(d.binding ?? '')}${known(d.short_by) && d.short_by > 1 ? ` ${factor(d.short_by)}` : ''}`});
  const line = t('{model} on {n} × {acc}: {days} days, {usd} {range}, MFU {mfu} ({evidence}).', {model: d.model, n: figure(d.devices), acc: d.accelerator, days: days(d),
    usd: usd(d.usd), range: range(span(d, 'usd'), usd), mfu: percent(d.mfu_frac), evidence: t(d.evidence!)});
  return d.binding ? `${line} ${t('It breaks a limit: {why}', {why: d.reason ?? d.binding})}` : line;
}

function Where({d}: {d: Doc}) {
  const data = (d.breakdown as any[]).filter((p) => p.time_s > 0).sort((a, b) => b.time_s - a.time_s);
  if (!data.length) return null;
  return <Chart title={t('Where a step goes')} of={d} caption={t('Seconds of a step of {s}, with the 80 % interval', {s: time(d.step_time_s * 1e3)})}
    label={data.map((p) => `${p.part} ${percent(p.share_frac)}`).join('; ')}
    draw={(_w, ink) => ({
      height: 48 + 26 * data.length, marginLeft: 112, marginRight: 66, marginTop: 6, marginBottom: 38, x: {label: 's', grid: true}, y: {domain: data.map((p) => p.part), label: null},
      marks: [
        Plot.barX(data, {x: 'time_s', y: 'part', fill: ink.c[0], insetTop: 4, insetBottom: 4}),
        Plot.ruleY(data, {y: 'part', x1: 'time_s_lo', x2: 'time_s_hi', stroke: ink.c[1], strokeWidth: 1.5}),
        Plot.tickX(data, {x: 'time_s_lo', y: 'part', stroke: ink.c[1], strokeWidth: 1.5, insetTop: 8, insetBottom: 8}),
        Plot.tickX(data, {x: 'time_s_hi', y: 'part', stroke: ink.c[1], strokeWidth: 1.5, insetTop: 8, insetBottom: 8}),
        Plot.text(data, {x: 'time_s_hi', y: 'part', text: (p: any) => percent(p.share_frac), dx: 6, textAnchor: 'start', fill: ink.ink}),
      ],
    })} />;
}

function Body({doc: d}: {doc: Doc}) {
  const p = d.parallelism ?? {}, m = d.memory ?? {};
  return <>
    {known(d.days) && <Tiles tiles={[
      {name: t('days'), value: figure(d.days), more: range(span(d, 'days'), figure)},
      {name: t('cost'), value: usd(d.usd), more: range(span(d, 'usd'), usd)},
      {name: 'MFU', value: percent(d.mfu_frac), more: range(span(d, 'mfu_frac'), percent)},
      {name: t('tokens a second, a card'), value: figure(d.tokens_per_s_per_accelerator), more: range(span(d, 'tokens_per_s_per_accelerator'), figure)},
      {name: t('time that is training'), value: percent(d.effective_frac), more: t('{n} failures expected', {n: figure(d.failures)})},
      {name: t('energy'), value: `${big(d.energy_mwh)} MWh`, more: range(span(d, 'energy_mwh'), big)},
    ]} />}
    <div class="cards">
      {known(d.step_time_s) && <Where d={d} />}
      <Card title={t('The split, and its memory')}>
        <Pairs rows={[
          [t('split'), ['tp', 'pp', 'vp', 'cp', 'ep', 'dp'].filter((k) => p[k] > 1).map((k) => `${k} ${p[k]}`).join(', ')],
          [t('micro-batch'), figure(p.micro_batch)], [t('sharding'), p.shard], [t('recomputed'), p.recompute],
          [t('pipeline bubble'), percent(d.bubble_frac)],
          [t('a card holds'), t('{w} GB weights, {g} gradients, {o} optimizer, {a} activations: {all} of {u} GB', {w: figure(m.weight_gb), g: figure(m.gradient_gb), o: figure(m.optimizer_gb), a: figure(m.activation_gb), all: figure(m.total_gb), u: figure(m.usable_gb)})],
          [t('checkpoint'), known(d.checkpoint_interval_s) ? t('every {i}, written in {w}; restart in {r}', {i: time(d.checkpoint_interval_s * 1e3), w: time(d.checkpoint_write_s * 1e3), r: time(d.restart_s * 1e3)}) : ''],
          [t('price'), d.price ? `${usd(d.price.usd_per_card_hour)}/h; ${d.price.source}` : t('none is listed')],
        ]} />
      </Card>
    </div>
  </>;
}

export const train: View = {
  schema: 'moat.train', title: (d) => t('Training {model}', {model: String(d.model)}),
  question: (d) => t('How long does it take to train {model} on {tok} tokens with {n} × {acc}, and what does it cost?', {model: String(d.model), tok: big(d.tokens), n: figure(d.devices), acc: String(d.accelerator)}),
  answer, answered: (d) => d.answered, Body,
};
