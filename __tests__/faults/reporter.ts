import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { between, line } from '../../scripts/markdown-table.ts';
import { CLUSTER_SECTIONS, SECTIONS } from './cases/sections.ts';
import { whatHolds } from './fault-case.ts';
import { collectRows, partOf, rowsIn, takeRows } from './rows.ts';

/** The part of jest's results that is read here (https://jestjs.io/docs/configuration#custom-reporters). */
interface Results {
  readonly testResults: readonly {
    readonly testResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

const HEAD = ['Fault', 'What holds', 'What an operator sees'];
const DOCUMENT = path.join(import.meta.dirname, '..', '..', 'docs', 'reliability.md');

/**
 * Writes the tables of docs/reliability.md: a row for each fault, with what its run showed just now, or for a fault that
 * was left out what it showed when it ran last. Runs on a real cluster write a part of their own.
 */
export default class FaultReporter {
  async onRunStart(): Promise<void> {
    await collectRows();
  }

  async onRunComplete(_: unknown, { testResults }: Results): Promise<void> {
    const rows = await takeRows();
    const isCluster = process.env.LAUNCHPAD_WORLD === 'cluster';
    const [part, sections, level] = isCluster
      ? (['cluster', CLUSTER_SECTIONS, '###'] as const)
      : (['faults', SECTIONS, '##'] as const);
    const document = await readFile(DOCUMENT, 'utf8');
    const seen = new Map(rowsIn(partOf(part, document)).map(({ fault, sees }) => [fault, sees]));
    for (const { fault, sees } of rows) seen.set(fault, sees);
    const tests = testResults.flatMap((file) => file.testResults);
    const failed = new Set(tests.filter(({ status }) => status === 'failed').map(({ title }) => title));
    const parts = sections.map(({ title, cases }) => {
      const lines = cases.map((one) => {
        const sees = seen.get(one.fault) ?? 'Not run yet.';
        return [one.fault, whatHolds(one), failed.has(one.fault) ? `**Does not hold.** ${sees}` : sees];
      });
      return [`${level} ${title}`, '', ...[HEAD, HEAD.map(() => '---'), ...lines].map(row)].join('\n');
    });
    await writeFile(DOCUMENT, between(part, parts.join('\n\n'), document));
  }
}

/** Not padded, as the cells are long. */
function row(cells: readonly string[]): string {
  return line(cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('<', '&lt;')));
}
