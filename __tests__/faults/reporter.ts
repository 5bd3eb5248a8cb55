import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { between, table } from '../../scripts/markdown-table.ts';
import { forgetRows, type Row, readRows } from './rows.ts';

/** The part of jest's results that is read here (https://jestjs.io/docs/configuration#custom-reporters). */
interface Results {
  readonly numPendingTests: number;
  readonly numTotalTestSuites: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly testResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

const DOCUMENT = path.join(import.meta.dirname, '..', '..', 'docs', 'reliability.md');

/** Writes docs/reliability.md from the rows that the tests left, if all of them ran. */
export default class FaultReporter {
  async onRunStart(): Promise<void> {
    await forgetRows();
  }

  async onRunComplete(_: unknown, results: Results): Promise<void> {
    const { testResults, numPendingTests, numTotalTestSuites, numRuntimeErrorTestSuites } = results;
    const isWhole =
      numPendingTests === 0 && numRuntimeErrorTestSuites === 0 && testResults.length === numTotalTestSuites;
    if (!isWhole || process.env.LAUNCHPAD_WORLD === 'cluster' || process.argv.some((word) => word.startsWith('-t')))
      return;
    const titles = testResults.flatMap(({ testResults: tests }) => tests);
    const order = new Map(titles.map(({ title }, index) => [title, index]));
    const failed = new Set(titles.filter(({ status }) => status === 'failed').map(({ title }) => title));
    const rows = (await readRows()).toSorted((a, b) => (order.get(a.fault) ?? 0) - (order.get(b.fault) ?? 0));
    const document = await readFile(DOCUMENT, 'utf8');
    await writeFile(DOCUMENT, between('faults', sections(rows, failed), document));
  }
}

function sections(rows: readonly Row[], failed: ReadonlySet<string>): string {
  const parts = [...Map.groupBy(rows, ({ section }) => section)].toSorted(([a], [b]) => a.localeCompare(b));
  return parts.map(([title, members]) => `## ${title}\n\n${tableOf(members, failed)}`).join('\n\n');
}

function tableOf(rows: readonly Row[], failed: ReadonlySet<string>): string {
  return table(
    ['Fault', 'What holds', 'What an operator sees'],
    rows.map(({ fault, holds, sees }) => [fault, failed.has(fault) ? `DOES NOT HOLD: ${holds}` : holds, sees]),
  );
}
