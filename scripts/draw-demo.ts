/**
 * `npm run demo:svg`: docs/demo.svg, the demo as a terminal shows it, from its start to the end of the action's log. Long lines
 * are cut, and lines that only name the time are left out, so that the picture changes when the demo does.
 */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.join(import.meta.dirname, '..', '..');
const COLUMNS = 118;
const MOST_LINES = 76;
const [CHARACTER, LINE, MARGIN] = [7.2, 17, 16];
const COLOURS: Readonly<Record<string, string>> = { '1': '#ffffff', '31': '#ff7b72', '36': '#79c0ff' };

/** A line of the terminal, in the colour that it begins with: the demo colours whole lines. */
function drawn(line: string, row: number): string {
  const [before = '', ...parts] = line.split('\u001b[');
  const code = parts[0]?.split('m')[0] ?? '';
  const plain = before + parts.map((part) => part.slice(part.indexOf('m') + 1)).join('');
  const cut = plain.length > COLUMNS ? `${plain.slice(0, COLUMNS - 1)}…` : plain;
  const escaped = cut.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const colour = COLOURS[code];
  const fill = colour === undefined ? '' : ` fill="${colour}"`;
  return `<text x="${MARGIN}" y="${MARGIN + LINE * (row + 1)}"${fill}>${escaped}</text>`;
}

const { stdout } = await promisify(execFile)(process.execPath, [path.join(root, 'build', 'sandbox', 'demo.js')], {
  maxBuffer: 16 * 1024 ** 2,
});
const [log = ''] = stdout.split('── The job summary');
// The heading's colour begins before its text.
const shown = log.slice(0, log.lastIndexOf('\u001b')).trimEnd();
const lines = ['$ npm run demo', ...shown.split('\n')].slice(0, MOST_LINES);
const width = Math.round(COLUMNS * CHARACTER + 2 * MARGIN);
const height = LINE * (lines.length + 1) + 2 * MARGIN;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="npm run demo in a terminal">
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,monospace" font-size="12" fill="#c9d1d9" xml:space="preserve">
${lines.map(drawn).join('\n')}
</g>
</svg>
`;
await writeFile(path.join(root, 'docs', 'demo.svg'), svg);
process.stdout.write(`docs/demo.svg: ${lines.length} lines, ${svg.length} bytes\n`);
