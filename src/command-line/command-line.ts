import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { RunRecorder } from '../core/run-recorder.ts';
import { linksOf } from '../inputs/links.ts';
import type { ActionRequest } from '../inputs/request.ts';
import { loadAssets } from '../operations/assets.ts';
import type { Outcome } from '../operations/outcome/outcome.ts';
import type { RunState } from '../operations/run-state.ts';
import { runTasks } from '../operations/run-tasks.ts';
import { openSession } from '../operations/session.ts';
import { type Invocation, parseArguments, type Shown } from './arguments.ts';
import { EXIT_CODES, exitCodeFor } from './exit-codes.ts';
import { interruption } from './interruption.ts';
import { type Ending, jsonReport } from './json-report.ts';
import { showFailure, showReport } from './report.ts';
import { severalLog } from './several-log.ts';
import { TABLES } from './tables.ts';
import { TerminalLog } from './terminal-log.ts';
import { terminalRequest } from './terminal-request.ts';

const { stdout, stderr, stdin } = process;

/** Nothing is kept of a run: one that is killed is picked up by the next. */
const NO_STATE: RunState = {
  instances: () => undefined,
  started: () => undefined,
  record: () => undefined,
  result: () => undefined,
  ended: () => undefined,
  reported: () => undefined,
};

/**
 * The command line: reads what the operator asks for, does it, and tells how it went.
 *
 * @param entry directory of the running entry point
 * @returns the exit code
 */
export async function commandLine(args: readonly string[], entry: string): Promise<number> {
  // The reader of a pipe may go away; the run must not stop half-way because of that.
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
  const plainLog = new TerminalLog({ stream: stderr, errors: stderr, isVerbose: false });
  let parsed: Invocation | Shown;
  try {
    parsed = await readArguments(args, entry);
  } catch (error) {
    showFailure(error, { log: plainLog });
    return exitCodeFor([error]);
  }
  if (parsed.kind === 'shown') return parsed.exitCode;
  const { json, verbose } = parsed.terminal;
  const log = new TerminalLog({ stream: json ? stderr : stdout, errors: stderr, isVerbose: verbose });
  const ending = await carryOut(parsed, entry, log);
  if (json) stdout.write(`${jsonReport(ending, (text) => log.redact(text))}\n`);
  return ending.exitCode;
}

async function readArguments(args: readonly string[], entry: string): Promise<Invocation | Shown> {
  const text = await readFile(path.join(entry, '..', '..', 'package.json'), 'utf8');
  const { version }: { version: string } = JSON.parse(text);
  const [out, err] = [stdout, stderr].map((stream) => (line: string) => void stream.write(line));
  return parseArguments(args, {
    tables: TABLES,
    version,
    out: out ?? (() => undefined),
    err: err ?? (() => undefined),
  });
}

async function carryOut(invocation: Invocation, entry: string, log: TerminalLog): Promise<Ending> {
  const recorder = new RunRecorder(log);
  try {
    const terminal = { directory: process.cwd(), environment: process.env, stdin, stderr };
    const request = await terminalRequest(invocation, { terminal, tables: TABLES, log });
    const outcomes = await run(request, entry, { log, recorder });
    showOutcomes(outcomes, request, { log, json: invocation.terminal.json });
    const errors = outcomes.flatMap((outcome) => (outcome.kind === 'failed' ? [outcome.error] : []));
    return { outcomes, error: undefined, exitCode: errors.length === 0 ? EXIT_CODES.done.code : exitCodeFor(errors) };
  } catch (error) {
    const { recorded: record } = recorder;
    showFailure(error, { ...(record.phases.length > 0 ? { record } : {}), log });
    return { outcomes: [], error, exitCode: exitCodeFor([error]) };
  }
}

async function run(
  request: ActionRequest,
  entry: string,
  { log, recorder }: { readonly log: TerminalLog; readonly recorder: RunRecorder },
): Promise<Outcome[]> {
  const assets = await loadAssets(entry);
  const signal = interruption(
    () =>
      log.warning('Stopping the workflows and cleaning up. Press Ctrl-C again to quit now: the next run cleans up.'),
    () => log.warning('Quit without cleaning up. The next run cleans up.'),
  );
  const session = await recorder.phase('Check cluster and repository', () => openSession(request, recorder, signal));
  try {
    const isPublic = async () => undefined;
    const asked = request.allowsPublicRepository ? request : { ...request, isPublic };
    const context = { request: asked, assets, session, state: NO_STATE, signal };
    const { instances = [], operation, isDryRun } = request;
    const tasks = instances.map((instance) => ({ instance, operation, isDryRun, isPreview: false }));
    const isOne = tasks.length === 1;
    if (!isOne) log.flatten();
    return await runTasks(tasks, context, isOne ? log : severalLog(log), recorder.recorded);
  } finally {
    await session.cluster.close();
  }
}

/** Failures go to standard error in any case; reports are for people, who have no JSON. */
function showOutcomes(
  outcomes: readonly Outcome[],
  request: ActionRequest,
  { log, json }: { readonly log: TerminalLog; readonly json: boolean },
): void {
  const links = linksOf(request);
  for (const outcome of outcomes) {
    const { task, record } = outcome;
    if (outcome.kind === 'failed') showFailure(outcome.error, { instance: task.instance, record, log });
    else if (!json) showReport(outcome, links, log);
  }
}
