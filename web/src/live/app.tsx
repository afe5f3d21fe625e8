// app.tsx - the page of `moat ui`: a form on the left, the answer on the right; what is asked stands in the address.
import {useEffect, useMemo, useRef, useState} from 'preact/hooks';
import type {Doc, Json} from '../document';
import {Bar} from '../parts/bar';
import {lang, t} from '../parts/i18n';
import {useSignal} from '../parts/signal';
import {Report, titleOf} from '../report';
import {ask, catalog, tree, type Question as Asking} from './api';
import {Closer} from './closer';
import {drop} from './drop';
import {Form, type Names} from './form';
import {questionOf, questions} from './questions';
import {fromLink, set, toLink, type Asked} from './state';
import {yaml} from './yaml';

type Answer = {doc: Doc; asked: Asked} | null;
const largest = 48 << 20;               // of a dropped file; the server takes 64 MiB in all

const wideScreen = () => matchMedia('(min-width: 861px)');     // as in style.css: there the form stands beside the answer
const initial = (): Asked => fromLink(location.hash) ?? {command: 'plan', scenario: questions[0].first, files: {}};

function save(name: string, text: string, type: string): void {
  const a = document.createElement('a');
  a.href = URL.createObjectURL(new Blob([text], {type}));
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 1000);
}

/** This page with the document in it: the same file that --html writes. */
async function saveReport(doc: Doc): Promise<void> {
  const page = await (await fetch('/')).text(), json = JSON.stringify(doc).replace(/</g, '\\u003c');
  save(`moat-${doc.command}.html`, page.replace('<!--moat:document-->', () => `<script type="application/json" id="moat-document">${json}</script>`), 'text/html');
}

function Buttons({doc, asked}: {doc: Doc; asked: Asked}) {
  const [copied, setCopied] = useState(false);
  return <p class="row screen">
    <button onClick={() => save('scenario.yaml', yaml(doc.inputs), 'application/yaml')}>{t('Scenario as YAML')}</button>
    <button onClick={() => save(`moat-${doc.command}.json`, JSON.stringify(doc, null, 2), 'application/json')}>{t('Result as JSON')}</button>
    <button onClick={() => saveReport(doc)}>{t('Report as HTML')}</button>
    {!Object.keys(asked.files).length && <button onClick={async () => { await navigator.clipboard?.writeText(location.href); setCopied(true); }}>{copied ? t('copied') : t('Copy link')}</button>}
  </p>;
}

function Text({asked, change}: {asked: Asked; change: (a: Asked) => void}) {
  const now = yaml(asked.scenario), [text, setText] = useState(now), [wrong, setWrong] = useState('');
  useEffect(() => setText(now), [now]);
  const apply = async () => {
    try { change({...asked, scenario: await tree(text)}); setWrong(''); } catch (e) { setWrong((e as Error).message); }
  };
  return <details open={asked.command === 'sweep'}>
    <summary>{t('As YAML')}</summary>
    <label for="yaml" class="hidden">{t('the scenario')}</label>
    <textarea id="yaml" spellcheck={false} value={text} onInput={(e) => setText(e.currentTarget.value)} />
    <p class="row"><button class="small" disabled={text === now} onClick={apply}>{t('Ask this')}</button></p>
    {wrong && <p class="wrong" role="alert">{wrong}</p>}
  </details>;
}

/** What a command needs besides its scenario. */
function asking(a: Asked, accelerator: string, other: string): Asking {
  const q: Asking = {command: a.command, scenario: a.scenario, files: a.files};
  if (a.command === 'explain') q.accelerator = accelerator;
  if (a.command === 'compare') q.other = other;
  return q;
}

export function Live() {
  useSignal(lang);
  const [asked, setAsked] = useState<Asked>(initial), [answer, setAnswer] = useState<Answer>(null);
  const [busy, setBusy] = useState(false), [progress, setProgress] = useState<[number, number] | null>(null), [wrong, setWrong] = useState('');
  const [names, setNames] = useState<Names>({models: [], accelerators: [], presets: []}), [picked, setPicked] = useState<string | null>(null);
  const [accelerator, setAccelerator] = useState('mi300x'), [other, setOther] = useState(''), [over, setOver] = useState(false), [said, setSaid] = useState('');
  const [wide, setWide] = useState(wideScreen().matches);
  const question = questionOf(asked.command), file = useRef<HTMLInputElement>(null);
  const ready = asked.command === 'validate' ? 'points.csv' in asked.files : asked.command === 'compare' ? other !== '' : true;

  useEffect(() => {
    Promise.all([catalog('models'), catalog('accelerators'), catalog('presets')]).then(([m, a, p]) => setNames({models: m.models.map((x: any) => x.id),
      accelerators: a.accelerators.map((x: any) => x.id), presets: p.presets.map((x: any) => x.name)})).catch((e) => setWrong(e.message));
    const back = () => { const a = fromLink(location.hash); if (a) { setAsked((now) => toLink(now) === location.hash ? now : a); } };
    const query = wideScreen(), turn = () => setWide(query.matches);
    addEventListener('hashchange', back);
    query.addEventListener('change', turn);
    return () => { removeEventListener('hashchange', back); query.removeEventListener('change', turn); };
  }, []);

  const key = useMemo(() => JSON.stringify(asking(asked, accelerator, other)), [asked, accelerator, other]);
  useEffect(() => {
    const link = toLink(asked);
    if (location.hash !== link) history.replaceState(null, '', link);
    if (!ready) { setAnswer(null); setWrong(''); return; }
    const stop = new AbortController(), show = (doc: Doc) => { setAnswer({doc, asked}); setWrong(''); document.title = `${titleOf(doc)} - moat`; };
    setBusy(true); setProgress(null);
    const timer = setTimeout(() => ask(asking(asked, accelerator, other), 'main', stop.signal, {estimate: show, progress: (n, of) => setProgress([n, of])})
      .then((doc) => { show(doc); setBusy(false); })
      .catch((e) => { if (!stop.signal.aborted) { setWrong(e.message); setBusy(false); } }), 40);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [key]);

  const change = (k: string, v: Json | undefined) => setAsked((a) => ({...a, scenario: set(k === 'traffic.preset' ? set(a.scenario, 'traffic.trace', undefined) : a.scenario, k, v)}));
  const goTo = (command: string) => { setPicked(null); setAnswer(null); setAsked({command, scenario: questionOf(command).first, files: {}}); };
  const take = async (name: string, text: string) => {
    try {
      if (text.length > largest) throw new Error(t('{name} is too large for the page; give it to the command line', {name}));
      const got = await drop(name, text, asked);
      if ('doc' in got) { setAnswer({doc: got.doc, asked}); setSaid(t('{name}: a result', {name})); setBusy(false); } else { setPicked(null); setAsked(got.asked); setSaid(`${name}: ${t(got.what)}`); }
      setWrong('');
    } catch (e) { setWrong(`${name}: ${(e as Error).message}`); }
  };
  const files = async (list: FileList | null | undefined) => { for (const f of Array.from(list ?? [])) await take(f.name, await f.text()); };

  useEffect(() => {
    const paste = (e: ClipboardEvent) => {
      const text = e.clipboardData?.getData('text/plain') ?? '', where = e.target as HTMLElement;
      if (text.includes('\n') && !/^(INPUT|TEXTAREA)$/.test(where.tagName)) { e.preventDefault(); take('pasted', text); }
    };
    addEventListener('paste', paste);
    return () => removeEventListener('paste', paste);
  });

  const stage = <div class="stage" role="status" aria-live="polite">
    {busy && answer && <><progress max={progress?.[1]} value={progress?.[0]} aria-label={t('progress')} />
      <span>{answer.doc.stage === 'estimate' ? t('an estimate; simulating to verify it') : t('asking again')}{progress ? ` ${progress[0]}/${progress[1]}` : ''}</span></>}
    {!busy && answer?.doc.stage === 'simulated' && <span class="tag">✓ {t('verified by simulation')}</span>}
  </div>;

  const isPlan = answer?.doc.schema.startsWith('moat.plan'), near = picked ?? answer?.doc.best?.accelerator ?? null;
  return <div onDragOver={(e) => { e.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={(e) => { e.preventDefault(); setOver(false); files(e.dataTransfer?.files); }}>
    <Bar><nav aria-label={t('Questions')}>{questions.map((q) => <button aria-current={q.command === asked.command ? 'page' : undefined} onClick={() => goTo(q.command)}>{t(q.name)}</button>)}</nav></Bar>
    <div class="live">
      <section class="ask" aria-label={t('What is asked')}>
        <details class="fold" open={wide}><summary>{t('What is asked')}</summary>
        {asked.command === 'explain' && <fieldset><legend>{t('Which accelerator?')}</legend><label for="which-acc">{t('accelerator')}</label>
          <input id="which-acc" list="accelerators" value={accelerator} onChange={(e) => setAccelerator(e.currentTarget.value.trim())} /></fieldset>}
        {asked.command === 'compare' && <fieldset><legend>{t('With what?')}</legend><label for="other">{t('the second scenario, as YAML')}</label>
          <textarea id="other" spellcheck={false} value={other} placeholder={yaml(asked.scenario)} onChange={(e) => setOther(e.currentTarget.value)} />
          <button class="small" onClick={() => setOther(yaml(set(asked.scenario, 'precision', 'bf16')))}>{t('this one in bf16')}</button></fieldset>}
        <Form question={question} scenario={asked.scenario} names={names} change={change} />
        {asked.command !== 'validate' && <Text asked={asked} change={setAsked} />}
        <div class={over ? 'drop over' : 'drop'} style="margin-top:1rem">
          {t('Drop or paste a scenario, a config.json, a chip file, a trace, measured points or a result here, or')}{' '}
          <button class="plain" onClick={() => file.current!.click()}>{t('choose a file')}</button>.
          <input ref={file} type="file" multiple class="hidden" tabIndex={-1} aria-label={t('choose a file')} onChange={(e) => files(e.currentTarget.files)} />
          {said && <p role="status">{said}</p>}
        </div>
        </details>
      </section>
      <main class="sheet" id="main" tabIndex={-1}>
        {wrong && <p class="wrong" role="alert"><strong>{t('This cannot be answered.')}</strong> {wrong}{answer ? ` ${t('The answer below is to an older question.')}` : ''}</p>}
        {!answer && <h1>{t(question.name)}</h1>}
        {!ready && <p class="question">{asked.command === 'validate' ? t('Drop a file of measured points to see how good the predictions are on it.') : t('Give a second scenario to compare with.')}</p>}
        {ready && !answer && !wrong && <p class="question" role="status">{t('asking…')}</p>}
        {answer && <Report doc={answer.doc} stage={stage} buttons={<Buttons doc={answer.doc} asked={answer.asked} />}
          actions={isPlan ? {pick: (c) => setPicked(c.accelerator), picked: near ?? undefined} : {}}
          closer={isPlan && near && answer.doc.stage === 'simulated' && !busy ? <Closer key={`${key}${picked}`} plan={answer.doc} asked={answer.asked} accelerator={near} /> : null} />}
      </main>
    </div>
  </div>;
}
