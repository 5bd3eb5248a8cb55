import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Names the directory of the logs for the test processes, which inherit it. */
const VARIABLE = 'RUN_LOGS';

/** The part of jest's results that is read here (https://jestjs.io/docs/configuration#custom-reporters). */
interface FileResult {
  readonly testResults: readonly { readonly fullName: string; readonly status: string }[];
}

/** Keeps the log of a run for the test that runs now, if a reporter asks for it. */
export async function keepRunLog(log: string): Promise<void> {
  const directory = process.env[VARIABLE];
  const test = expect.getState().currentTestName;
  if (directory === undefined || test === undefined) return;
  await appendFile(fileOf(directory, test), `--- A run of the action\n${log}\n`);
}

/** A reporter of jest: prints the logs of the action's runs in each test that failed. */
export default class RunLogs {
  async onRunStart(): Promise<void> {
    process.env[VARIABLE] = await mkdtemp(path.join(tmpdir(), 'launchpad-run-logs-'));
  }

  async onTestResult(_: unknown, { testResults }: FileResult): Promise<void> {
    for (const { fullName, status } of testResults) {
      if (status !== 'failed') continue;
      const log = await readFile(fileOf(process.env[VARIABLE] ?? '', fullName), 'utf8').catch(() => '');
      const shown = log.replaceAll(/^::add-mask::.*\n/gm, '');
      // An indented line is no workflow command for the runner that reads this.
      process.stderr.write(`${fullName}\n${shown.replaceAll(/^/gm, '  | ')}\n`);
    }
  }

  async onRunComplete(): Promise<void> {
    await rm(process.env[VARIABLE] ?? '', { recursive: true, force: true });
  }
}

function fileOf(directory: string, test: string): string {
  return path.join(directory, createHash('sha256').update(test).digest('hex'));
}
