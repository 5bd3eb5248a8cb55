/**
 * `npm run bench:svg`: docs/run.svg, where the time of one run goes, from the start of its process: its phases, and below
 * each the git commands and the requests to the API server. The run is one in the sandbox, whose Argo Workflows needs no
 * 10 s for a pod.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkOut } from '../sandbox/checkout.ts';
import { startStep } from '../sandbox/github-runner.ts';
import { startSandbox } from '../sandbox/sandbox.ts';

const root = path.join(import.meta.dirname, '..', '..');
const [WIDTH, LABELS, ROW, LANE] = [960, 330, 34, 7];

/** Milliseconds since the start of the process. */
interface Span {
  readonly kind: 'phase' | 'git' | 'request';
  readonly title: string;
  readonly from: number;
  readonly to: number;
}

const sandbox = await startSandbox();
const checkout = await checkOut(
  await sandbox.git.createRepository('example-org/cluster', { 'README.md': 'Instances\n' }),
  sandbox.gitToken,
);
const spans: Span[] = [];
let phase: { readonly title: string; readonly from: number } | undefined;
let rest = '';
let ended = 0;
const start = performance.now();

function read(line: string, now: number): void {
  const [, title] = /^::group::(.*)$/.exec(line) ?? [];
  if (title !== undefined) phase = { title, from: now };
  if (line === '::endgroup::' && phase !== undefined) {
    spans.push({ kind: 'phase', ...phase, to: now });
    phase = undefined;
  }
  const [, git, gitMs] = /^::debug::git (\S+).*, (\d+) ms$/.exec(line) ?? [];
  if (git !== undefined) spans.push({ kind: 'git', title: `git ${git}`, from: now - Number(gitMs), to: now });
  const [, method, requestMs] = /^::debug::([A-Z]+) \/\S* .* (\d+) ms$/.exec(line) ?? [];
  if (method !== undefined) spans.push({ kind: 'request', title: method, from: now - Number(requestMs), to: now });
}

const step = await startStep({
  main: path.join(root, 'build', 'main', 'index.js'),
  post: path.join(root, 'build', 'post', 'index.js'),
  workspace: checkout.directory,
  inputs: { instance: 'school', 'cluster-domain': 'example.org', kubeconfig: sandbox.kubernetes.kubeconfig() },
  environment: { ...sandbox.settings, RUNNER_DEBUG: '1', NODE_DISABLE_COMPILE_CACHE: '1' },
  onLog: (chunk) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) read(line, performance.now() - start);
    ended = performance.now() - start;
  },
});
const { code } = await step.done;
await checkout.remove();
await sandbox.stop();
if (code !== 0) throw new Error(`The run ended with exit code ${code}.`);

const named = spans.filter(({ kind, title }) => kind === 'phase' && title !== 'Next steps');
const first = named[0]?.from ?? 0;
const phases: readonly Span[] = [{ kind: 'phase', title: 'Start of the process', from: 0, to: first }, ...named];
const last = phases.at(-1)?.to ?? ended;
const x = (ms: number) => Math.round(LABELS + (ms / last) * (WIDTH - LABELS - 20));
const width = ({ from, to }: Span) => Math.max(2, x(to) - x(from));
const rows = phases.map((one, row) => {
  const top = 40 + row * ROW;
  const within = spans.filter(({ kind, from }) => kind !== 'phase' && from >= one.from - 1 && from < one.to);
  const marks = within.map(
    (span) =>
      `<rect class="${span.kind}" x="${x(span.from)}" y="${top + (span.kind === 'git' ? 12 : 12 + LANE)}" width="${width(span)}" height="${LANE - 2}"><title>${span.title}, ${Math.round(span.to - span.from)} ms</title></rect>`,
  );
  return `<text x="10" y="${top + 10}">${one.title}, ${Math.round(one.to - one.from)} ms</text>
<rect class="phase" x="${x(one.from)}" y="${top}" width="${width(one)}" height="10"/>
${marks.join('\n')}`;
});
const height = 40 + phases.length * ROW + 10;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Where the time of a run goes">
<style>text{font:12px sans-serif;fill:#57606a}.phase{fill:#0969da}.git{fill:#bf3989}.request{fill:#1a7f37}</style>
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text x="10" y="20">One run in the sandbox, ${(last / 1000).toFixed(1)} s: phases (blue), git (red), requests to the Kubernetes API (green)</text>
${rows.join('\n')}
</svg>
`;
await writeFile(path.join(root, 'docs', 'run.svg'), svg);
process.stdout.write(`docs/run.svg: ${phases.length} phases, ${Math.round(last)} ms\n`);
