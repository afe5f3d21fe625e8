// bar.tsx - the strip at the top: name, views, language and theme.
import type {ComponentChildren} from 'preact';
import {lang, remember, t, theme} from './i18n';
import {useSignal} from './signal';

export function Bar({children}: {children?: ComponentChildren}) {
  const now = useSignal(lang), look = useSignal(theme);
  return <>
    <a class="skip" href="#main" onClick={(e) => { e.preventDefault(); document.getElementById('main')?.focus(); }}>{t('Skip to the answer')}</a>
    <header class="bar">
      <span class="name">moat</span>
      {children}
      <span class="grow" />
      <button class="small" lang={now === 'en' ? 'zh-CN' : 'en'} onClick={() => { lang.value = now === 'en' ? 'zh' : 'en'; remember('moat.lang', lang.value); }}>{now === 'en' ? '中文' : 'English'}</button>
      <label class="hidden" for="theme">{t('Colours')}</label>
      <select id="theme" class="small" value={look} onChange={(e) => { theme.value = e.currentTarget.value; remember('moat.theme', theme.value); }}>
        <option value="auto">{t('as the system')}</option><option value="light">{t('light')}</option><option value="dark">{t('dark')}</option>
      </select>
      <button class="small" onClick={() => print()}>{t('Print')}</button>
    </header>
  </>;
}
