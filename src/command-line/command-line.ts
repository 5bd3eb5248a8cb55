import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type ClusterAccess, Kubeconfig, loadKubeconfig } from '../cluster/api/kubeconfig.ts';
import { RunRecorder } from '../core/run-recorder.ts';
import { type Links, linksOf } from '../inputs/links.ts';
import type { ActionRequest } from '../inputs/request.ts';
import { loadAssets } from '../operations/assets.ts';
import { cancelled } from '../operations/cancellation.ts';
import { isEmpty } from '../operations/describe-plan.ts';
import type { Outcome, Task } from '../operations/outcome/outcome.ts';
import { resultLines, resultOf } from '../operations/outcome/result.ts';
import { type RunState, runTasks, type TaskContext } from '../operations/run-tasks.ts';
import { openSession } from '../operations/session.ts';
import { type Invocation, parseArguments, type Shown } from './arguments.ts';
import { askForConfirmation } from './confirmation.ts';
import { EXIT_CODES, exitCodeFor, interruption } from './exit-codes.ts';
import { type Ending, jsonReport, showFailure, showPlan, showReport } from './report.ts';
import { severalLog } from './several-log.ts';
import { StatusLine } from './status-line.ts';
import { TABLES } from './tables.ts';
import { TerminalLog } from './terminal-log.ts';
import { type TerminalRequest, terminalRequest } from './terminal-request.ts';

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

/** Where this process runs, and what it writes to. */
interface Surroundings {
  /** Directory of the running entry point. */
  readonly entry: string;
  readonly log: TerminalLog;
  /** Standard output has JSON alone. */
  readonly json: boolean;
  readonly verbose: boolean;
}

/**
 * The command line: reads what the operator asks for, does it, and tells how it went.
 *
 * @param entry directory of the running entry point
 * @returns the exit code
 */
export async function commandLine(args: readonly string[], entry: string): Promise<number> {
  // The reader of a pipe may go away; the run must not stop half-way because of that.
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
  let parsed: Invocation | Shown;
  try {
    parsed = await readArguments(args, entry);
  } catch (error) {
    const log = new TerminalLog({ stream: stderr, errors: stderr, isVerbose: false });
    const ending = { outcomes: [], error, exitCode: exitCodeFor([error]) };
    showFailure(error, { log });
    if (args.includes('--json')) showJson(ending, log);
    return ending.exitCode;
  }
  if (parsed.kind === 'shown') return parsed.exitCode;
  const { json, verbose } = parsed.terminal;
  const log = new TerminalLog({ stream: json ? stderr : stdout, errors: stderr, isVerbose: verbose });
  const ending = await carryOut(parsed, { entry, log, json, verbose });
  if (json) showJson(ending, log);
  return ending.exitCode;
}

function showJson(ending: Ending, log: TerminalLog): void {
  stdout.write(`${jsonReport(ending, (text) => log.redact(text))}\n`);
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

async function carryOut(invocation: Invocation, surroundings: Surroundings): Promise<Ending> {
  const { log, json } = surroundings;
  const recorder = new RunRecorder(log);
  try {
    const terminal = { directory: process.cwd(), environment: process.env, stdin, stderr };
    const request = await terminalRequest(invocation, { terminal, tables: TABLES, log });
    const outcomes = await run(request, surroundings, recorder);
    showOutcomes(outcomes, linksOf(request.request), { log, json });
    const errors = outcomes.flatMap((outcome) => (outcome.kind === 'failed' ? [outcome.error] : []));
    return { outcomes, error: undefined, exitCode: errors.length === 0 ? EXIT_CODES.done.code : exitCodeFor(errors) };
  } catch (error) {
    const { recorded: record } = recorder;
    showFailure(error, { ...(record.phases.length > 0 ? { record } : {}), log });
    return { outcomes: [], error, exitCode: exitCodeFor([error]) };
  }
}

async function run(
  { request, mustConfirm }: TerminalRequest,
  surroundings: Surroundings,
  recorder: RunRecorder,
): Promise<Outcome[]> {
  const { log } = surroundings;
  const signal = interruptionOf(surroundings);
  const context = { request, assets: await loadAssets(surroundings.entry), signal };
  const { instances = [], operation, isDryRun } = request;
  const tasks = instances.map((instance) => ({ instance, operation, isDryRun, isPreview: false }));
  if (!mustConfirm) return await runAll(tasks, context, surroundings, recorder);
  const dryTasks = tasks.map((task) => ({ ...task, isDryRun: true }));
  const plans = await runAll(dryTasks, context, surroundings, new RunRecorder(log));
  // What a plan cannot be made for is not deleted, and what is not there needs no confirmation.
  const reports = plans.flatMap((plan) => (plan.kind === 'planned' ? [plan.report] : []));
  if (reports.length < plans.length || reports.every(isEmpty)) return plans;
  for (const report of reports) showPlan(report, { log, stream: stderr, note: 'nothing is deleted yet' });
  await askForConfirmation({
    instances,
    cluster: await clusterName(request.cluster),
    input: stdin,
    output: stderr,
    signal,
  });
  // Time has passed: all is read again.
  return await runAll(tasks, context, surroundings, recorder);
}

/** Does the tasks in a session of their own. */
async function runAll(
  tasks: readonly Task[],
  context: Pick<TaskContext, 'assets' | 'signal'> & { readonly request: ActionRequest },
  surroundings: Surroundings,
  recorder: RunRecorder,
): Promise<Outcome[]> {
  const { log } = surroundings;
  const { request, signal } = context;
  const session = await recorder.phase('Check cluster and repository', () => openSession(request, recorder, signal));
  try {
    const isPublic = async () => undefined;
    const asked = request.allowsPublicRepository ? request : { ...request, isPublic };
    const isOne = tasks.length === 1;
    if (!isOne) log.flatten();
    showInPlace(surroundings);
    const taskContext = { ...context, request: asked, session, state: NO_STATE };
    return await runTasks(tasks, taskContext, isOne ? log : severalLog(log), recorder.recorded);
  } finally {
    await session.cluster.close();
  }
}

/** From here on progress is a line that is rewritten, where there is a terminal that can do so. */
function showInPlace({ log, json, verbose }: Surroundings): void {
  const stream = json ? stderr : stdout;
  if (verbose || !stream.isTTY || process.env.TERM === 'dumb' || process.env.CI !== undefined) return;
  const status = new StatusLine(stream);
  process.once('exit', () => status.stop());
  log.inPlace(status);
}

/** Ctrl-C ends the run, and a second one the process, which says so in each case. */
function interruptionOf({ log, json }: Surroundings): AbortSignal {
  return interruption(
    () =>
      log.warning('Stopping the workflows and cleaning up. Press Ctrl-C again to quit now: the next run cleans up.'),
    () => {
      log.warning('Quit without cleaning up. The next run cleans up.');
      if (json) showJson({ outcomes: [], error: cancelled(), exitCode: EXIT_CODES.cancelled.code }, log);
    },
  );
}

/** The cluster as an operator knows it: its URL, and the context that kubectl would use. */
async function clusterName(access: ClusterAccess): Promise<string> {
  const config = await loadKubeconfig(access, new Kubeconfig());
  const server = `cluster ${config.getCurrentCluster()?.server ?? ''}`;
  return access.source.kind === 'in-cluster' ? server : `${server}, context ${config.getCurrentContext()}`;
}

/** Failures go to standard error in any case; reports are for people, who have no JSON. */
function showOutcomes(
  outcomes: readonly Outcome[],
  links: Links,
  { log, json }: { readonly log: TerminalLog; readonly json: boolean },
): void {
  for (const outcome of outcomes) {
    const { task, record } = outcome;
    if (outcome.kind === 'failed') showFailure(outcome.error, { instance: task.instance, record, log });
    else if (!json) showReport(outcome, links, log);
  }
  if (outcomes.length < 2 || json) return;
  for (const line of resultLines(outcomes.map((outcome) => resultOf(outcome, (text) => log.redact(text)))))
    log.info(line);
}
