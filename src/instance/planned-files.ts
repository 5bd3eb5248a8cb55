import { structuredPatch } from 'diff';
import type { PlannedFile } from '../core/report.ts';
import type { Settings } from '../core/settings.ts';
import { type Connection, connectionEdits, filesToWrite } from './changes.ts';
import { type Hidden, shownLines } from './hidden-values.ts';
import { instancePaths, type Plan, type PlanContext } from './plan.ts';

/** In place of a password that the vendor's API generates during the run; masked like every other. */
const PASSWORD_TO_COME = 'made-by-the-api';

/** Lines around a change, as in git. */
const CONTEXT_LINES = 3;

/** The files as a run would write them, without the results of its workflows. */
export function plannedFiles(plan: Plan, context: PlanContext, hidden: Hidden): PlannedFile[] {
  const paths = instancePaths(context.settings, context.name);
  const mongodbPassword = plan.instance.mongodb.password ?? PASSWORD_TO_COME;
  const found = { mongodbPassword, mysql: undefined, mongodb: undefined };
  const files = filesToWrite(plan, plan.files, found, context);
  return [
    plannedFile(paths.config, plan.files.config, files.config, hidden),
    plannedFile(paths.application, plan.files.application, files.application, hidden),
    ...[...files.others].map(([file, bytes]) => plannedFile(`${paths.directory}/${file}`, undefined, bytes, hidden)),
  ];
}

/** The keys that config.yml lacks and that only the vendor's API knows. */
export function keysToCome({ config, instance }: Plan, { mysql, mongodb }: Settings): string[] {
  const reported: Connection = { host: '', port: 0, replicaSet: undefined, useSsl: true };
  const found = {
    mysql: mysql.provider === 'direct' ? undefined : reported,
    mongodb: mongodb.provider === 'direct' ? undefined : reported,
  };
  return [...connectionEdits(config, instance, found).keys()];
}

function plannedFile(path: string, before: Uint8Array | undefined, after: Uint8Array, hidden: Hidden): PlannedFile {
  if (before !== undefined && Buffer.compare(before, after) === 0) return { path, state: 'unchanged', diff: '' };
  const diff = unifiedDiff(path, before === undefined ? undefined : textOf(before), textOf(after), hidden);
  return { path, state: before === undefined ? 'create' : 'change', diff };
}

/** A unified diff of the real lines that shows the masked ones: a changed secret is a changed line. */
function unifiedDiff(path: string, before: string | undefined, after: string, hidden: Hidden): string {
  const { hunks } = structuredPatch(path, path, before ?? '', after, undefined, undefined, { context: CONTEXT_LINES });
  const [shownBefore = [], shownAfter = []] = shownLines([before ?? '', after], hidden);
  const lines = hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines: changed }) => {
    const at = { before: oldStart - 1, after: newStart - 1 };
    const reported = changed.map((line) => {
      const [sign = ' '] = line;
      if (sign === '\\') return line;
      const text = sign === '-' ? shownBefore[at.before] : shownAfter[at.after];
      if (sign !== '+') at.before += 1;
      if (sign !== '-') at.after += 1;
      return `${sign}${text ?? ''}`.trimEnd();
    });
    return [`@@ -${place(oldStart, oldLines)} +${place(newStart, newLines)} @@`, ...reported];
  });
  return [`--- ${before === undefined ? '/dev/null' : `a/${path}`}`, `+++ b/${path}`, ...lines].join('\n');
}

/** A hunk without lines has the number of the line before it, as in diff and git. */
function place(start: number, lines: number): string {
  return `${lines === 0 ? start - 1 : start},${lines}`;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
