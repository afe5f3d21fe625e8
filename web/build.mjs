// build.mjs - src/ into page.html: one file with the script, the style and the licences of what is in it.
import {build} from 'esbuild';
import {readFileSync, readdirSync, writeFileSync} from 'node:fs';

const script = await build({
  entryPoints: ['src/main.tsx'], bundle: true, minify: true, write: false, format: 'iife', target: 'es2020', charset: 'ascii',
  jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none', define: {'process.env.NODE_ENV': '"production"'},
  metafile: true, logLevel: 'warning',
});
const style = await build({entryPoints: ['src/style.css'], minify: true, write: false, bundle: true, logLevel: 'warning'});

// Each package that is in the bundle: its copyright lines, and the words of each licence once.
const packages = new Set(Object.keys(script.metafile.inputs)
  .map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter(Boolean));
const words = new Map();
const lines = [];
for (const name of [...packages].sort()) {
  const about = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  const file = readdirSync(`node_modules/${name}`).find((f) => /^(licen[cs]e|copying)/i.test(f));
  const text = (file ? readFileSync(`node_modules/${name}/${file}`, 'utf8') : '').replace(/-->/g, '').trim().split('\n');
  const rights = text.filter((l) => /^copyright/i.test(l.trim())).map((l) => l.trim()).join('; ');
  const rest = text.filter((l) => !/^copyright/i.test(l.trim())).join('\n').trim();
  lines.push(`${name} ${about.version} (${about.license}) ${rights || about.author?.name || about.author || ''}`.trim());
  if (rest) words.set(rest.replace(/\s+/g, ' '), rest);
}
const notice = `${lines.join('\n')}\n\n${[...words.values()].join('\n\n---\n\n')}`;

const js = script.outputFiles[0].text.replace(/<\/script/g, '<\\/script').replace(/<!--/g, '<\\!--');
const page = readFileSync('src/page.html', 'utf8')
  .replace('/*style*/', () => style.outputFiles[0].text)
  .replace('/*notice*/', () => notice)
  .replace('/*script*/', () => js);
writeFileSync('page.html', page);
writeFileSync('NOTICE', `moat's page (--html, moat ui) holds parts of these packages, under their licences:\n\n${notice}\n`);
