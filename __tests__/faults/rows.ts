import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { StepResult } from '../../sandbox/github-runner.ts';
import { annotations } from '../scenarios/broken/first-error.ts';

/** A row of docs/reliability.md. */
export interface Row {
  readonly fault: string;
  readonly holds: string;
  readonly sees: string;
}

/** Names the directory where the tests leave their rows for the reporter, which starts their processes. */
const VARIABLE = 'FAULT_ROWS';
const LONGEST = 220;

/** Makes an empty directory for the rows of the tests that this process, or one that it starts, runs from now on. */
export async function collectRows(): Promise<void> {
  process.env[VARIABLE] = await mkdtemp(path.join(tmpdir(), 'launchpad-faults-'));
}

/** Leaves a row, if somebody collects them. */
export async function writeRow(row: Row): Promise<void> {
  const directory = process.env[VARIABLE];
  if (directory !== undefined) await writeFile(path.join(directory, `${randomUUID()}.json`), JSON.stringify(row));
}

/** The rows that were left. */
export async function takeRows(): Promise<Row[]> {
  const directory = process.env[VARIABLE];
  if (directory === undefined) return [];
  const read = async (name: string): Promise<Row> => JSON.parse(await readFile(path.join(directory, name), 'utf8'));
  const rows = await Promise.all((await readdir(directory)).map(read));
  await rm(directory, { recursive: true });
  return rows;
}

/** What stands between the markers of that name. */
export function partOf(name: string, document: string): string {
  const [, rest = ''] = document.split(`<!-- ${name}:begin -->`);
  return rest.split(`<!-- ${name}:end -->`)[0] ?? '';
}

/** The rows of a document's tables. */
export function rowsIn(document: string): Row[] {
  const lines = document.split('\n').filter((line) => /^\| (?!Fault |-)/.test(line));
  return lines.map((line) => {
    const cells = line.slice(2, -2).split(/(?<!\\) \| /);
    const [fault = '', holds = '', sees = ''] = cells.map((cell) =>
      cell.trim().replaceAll('\\|', '|').replaceAll('&lt;', '<'),
    );
    return { fault, holds, sees };
  });
}

/** What an operator sees of the fault: the first error, else the first warning or what was tried again. */
export function seenIn({ code, log }: StepResult, instance: string): string {
  const [error] = annotations(log);
  const [warning] = annotations(log, 'warning');
  const again = /^(?!::).*(?:Another run works on this instance|[Aa]ttempt \d|[Tt]rying again|[Tt]ry \d).*$/m.exec(
    log,
  )?.[0];
  const text = error ?? warning;
  const shown =
    text === undefined ? again : [text.title, text.text.split('\n')[0]].filter((part) => part !== '').join(': ');
  const line = steady(shown ?? '', instance);
  if (error !== undefined) return `❌ ${line}`;
  if (code === null) return 'The job is gone; the log ends.';
  return line === ''
    ? 'Nothing. The run succeeds.'
    : `✅ ${warning === undefined ? 'In the log' : 'A warning'}: ${line}`;
}

/** The text without what changes from run to run. */
function steady(text: string, instance: string): string {
  const line = text
    .replaceAll(instance, 'my-school')
    .replaceAll(/\b4242-1-[0-9a-f]{6}\b/g, 'RUN')
    .replaceAll(/\b(?:127\.0\.0\.1|198\.18\.\d+\.\d+)(:\d+)?/g, 'SERVER')
    .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'ID')
    .replaceAll(/\b[0-9a-f]{7,40}\b/g, 'COMMIT')
    .replaceAll(/\b\d+(\.\d+)? (m?s|seconds|minutes)\b/g, 'N $2')
    .replaceAll(/\bAttempt \d+/g, 'Attempt N');
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
