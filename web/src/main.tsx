// main.tsx - the page: with a document in it it is a report; without one it asks the moat that serves it.
import {render} from 'preact';
import type {Doc} from './document';
import {Live} from './live/app';
import {lang, theme} from './parts/i18n';
import {Bar} from './parts/bar';
import {Report, titleOf} from './report';

function embedded(id: string): any {
  const at = document.getElementById(id);
  return at ? JSON.parse(at.textContent!) : null;
}

function dress(): void {
  document.documentElement.lang = lang.value === 'zh' ? 'zh-CN' : 'en';
  if (theme.value === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
}

dress();
lang.watch(dress);
theme.watch(dress);
const doc: Doc | null = embedded('moat-document');
const app = document.getElementById('app')!;
if (doc) {
  document.title = `${titleOf(doc)} - moat`;
  render(<><Bar /><main class="sheet" id="main"><Report doc={doc} command={embedded('moat-command')} /></main></>, app);
} else {
  render(<Live />, app);
}
