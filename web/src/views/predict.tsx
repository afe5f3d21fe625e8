// predict.tsx - moat.predict: one operating point, where its time goes, and the roofline of its device.
import {known, span, split, type Doc} from '../document';
import {figure, percent, range, time, timeSpan, usd, watts} from '../parts/format';
import {lang, t} from '../parts/i18n';
import {Breakdown, Roofline} from '../parts/steps';
import {Card, Pairs, Tiles} from '../parts/table';
import type {View} from './view';

const where = (d: Doc) => `${d.deployment.model} (${d.deployment.precision_run}), ${figure(d.deployment.devices)} × ${d.deployment.accelerator} (${split(d.deployment)}, ${d.deployment.framework})`;

function answer(d: Doc): string {
  if (!d.fits) return t('It does not fit: {gb} GB short on each card.', {gb: figure(d.memory.short_by_gb_per_accelerator)});
  return t('{where}: {tok} tokens a second, TTFT {ttft}, TPOT {tpot}, {usd} per million output tokens ({evidence}).', {where: where(d), tok: figure(d.output_tok_s),
    ttft: timeSpan(span(d, 'ttft_ms')), tpot: timeSpan(span(d, 'tpot_ms')), usd: usd(d.usd_per_mtok), evidence: t(d.evidence!)});
}

export function PointBody({doc: d}: {doc: Doc}) {
  const m = d.memory, tok = span(d, 'output_tok_s');
  return <>
    {d.fits && <Tiles tiles={[
      {name: 'TTFT', value: time(d.ttft_ms), more: range(span(d, 'ttft_ms'), time)},
      {name: 'TPOT', value: time(d.tpot_ms), more: range(span(d, 'tpot_ms'), time)},
      {name: t('output tokens a second'), value: figure(d.output_tok_s), more: range(tok, figure)},
      {name: t('per million output tokens'), value: usd(d.usd_per_mtok), more: range(span(d, 'usd_per_mtok'), usd)},
      {name: t('power'), value: watts(d.power_w), more: range(span(d, 'power_w'), watts)},
      {name: t('evidence'), value: t(d.evidence!), more: t('80 % interval in brackets')},
    ]} />}
    <div class="cards">
      {d.fits && <Breakdown of={d} parts={d.breakdown} title={t('Where a decode step goes')} caption={t('{time} a step; it reaches {mfu} of the peak arithmetic and {mbu} of the memory bandwidth.',
        {time: time(d.step_time_us / 1e3), mfu: percent(d.mfu_frac), mbu: percent(d.mbu_frac)})} />}
      {d.fits && <Breakdown of={d} parts={d.prefill_breakdown} title={t('Where a prompt goes')} caption={t('One prompt of {n} tokens, by operator.', {n: figure(d.isl)})} />}
      {d.fits && d.device && <Roofline of={d} device={d.device} steps={[{name: t('decoding'), parts: d.breakdown}, {name: t('prompt'), parts: d.prefill_breakdown}]} />}
      <Card title={t('Memory of a card')}>
        <Pairs rows={[
          [t('weights'), `${figure(m.weights_gb_per_accelerator)} GB`], [t('activations'), `${figure(m.activation_gb_per_accelerator)} GB`],
          [t('workspace'), `${figure(m.workspace_gb_per_accelerator)} GB`], [t('KV cache'), `${figure(m.kv_pool_gb_per_accelerator)} GB, ${t('{n} tokens a replica', {n: figure(m.kv_tokens)})}`],
          [t('usable'), `${figure(m.usable_gb_per_accelerator)} GB`],
          [t('price'), d.price ? `${usd(d.price.usd_per_card_hour)}/h; ${d.price.source}` : t('none is listed')],
          [t('batch'), known(d.batch) && d.batch < d.batch_asked ? t('{n} of {asked}: memory or the engine allows no more', {n: d.batch, asked: d.batch_asked}) : figure(d.batch)],
        ]} />
      </Card>
    </div>
  </>;
}

export const predict: View = {
  schema: 'moat.predict', title: (d) => t('Prediction: {model} on {acc}', {model: d.deployment.model, acc: d.deployment.accelerator}),
  question: (d) => t('How fast is {where} with {n} requests in flight, {in} tokens in and {out} out?', {where: where(d), n: figure(d.batch_asked), in: figure(d.isl), out: figure(d.osl)}),
  answer: (d) => lang.value && answer(d), answered: (d) => d.fits, Body: PointBody,
};
