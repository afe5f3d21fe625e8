// report.tsx - a document as a sheet: title, question, answer, pictures and tables, then inputs, notes, sources and how to make it again.
import type {ComponentChildren} from 'preact';
import type {Doc} from './document';
import {yaml} from './live/yaml';
import {figure} from './parts/format';
import {lang, t} from './parts/i18n';
import {useSignal} from './parts/signal';
import {Card} from './parts/table';
import {viewOf} from './views';
import type {Actions} from './views/view';

type Props = {doc: Doc; command?: string | null; actions?: Actions; stage?: ComponentChildren; buttons?: ComponentChildren; closer?: ComponentChildren};

export function titleOf(d: Doc): string {
  const title = (d.inputs as any)?.title;
  return typeof title === 'string' && title ? title : viewOf(d).title(d);
}

export function Report({doc: d, command, actions = {}, stage, buttons, closer}: Props) {
  useSignal(lang);
  const view = viewOf(d);
  return <article>
    <header class="head">
      <h1>{titleOf(d)}</h1>
      <p class="question">{view.question(d)}</p>
      <p class={view.answered(d) ? 'answer' : 'answer no'}>{view.answer(d)}</p>
      {stage}
    </header>
    <view.Body doc={d} actions={actions} />
    {closer}
    {d.notes && d.notes.length > 0 && <Card title={t('Notes and sources')}><ul class="notes">{d.notes.map((n) => <li>{n.text}{n.times > 1 ? ` (${n.times} ×)` : ''}</li>)}</ul></Card>}
    <Card title={t('What was asked')}>
      {buttons}
      {Object.keys(d.inputs ?? {}).length > 0 && <pre tabIndex={0} role="region" aria-label={t('the scenario')}>{yaml(d.inputs)}</pre>}
      {command && <><h3>{t('Made by')}</h3><pre class="wrap">{command}</pre></>}
    </Card>
    <footer class="foot">moat {d.moat} · {d.schema} · {t('seed')} {d.seed}{d.run?.wall_s ? ` · ${figure(d.run.wall_s)} s` : ''}. {t('Every figure is what moat --json prints; predictions carry an 80 % interval and say how well they are known.')}</footer>
  </article>;
}
