import { LaunchpadError } from '../core/errors.ts';
import type { PlanReport } from '../core/report.ts';
import type { RunRecord } from '../core/run-record.ts';
import type { Links } from '../inputs/links.ts';
import { describePlanReport } from '../operations/describe-plan.ts';
import { closingLines, closingOf } from '../operations/outcome/closing.ts';
import { type Failure, failuresOf, failureText, mergedFailures, type Remedies } from '../operations/outcome/failure.ts';
import { describeLeftovers } from '../operations/outcome/leftovers.ts';
import type { Outcome } from '../operations/outcome/outcome.ts';
import { EXIT_CODES, exitCodeFor } from './exit-codes.ts';
import { type Style, type TerminalLog, write } from './terminal-log.ts';

/** Shows on standard output what was done or would be, what an instance has now, and what to do next. */
export function showReport(outcome: Exclude<Outcome, { kind: 'failed' }>, links: Links, log: TerminalLog): void {
  const out = (text: string, style?: Style) => write(process.stdout, log.shown(text), style);
  if (outcome.kind === 'planned') {
    showPlan(outcome.report, { log, stream: process.stdout, note: 'dry run, no changes made' });
    return;
  }
  // The operator's own push starts the workflows that listen to pushes.
  const closing = closingOf(outcome, { pages: links, startsWorkflows: true, isFenced: true });
  if (closing.kind === 'good') out(`✓ ${closing.headline}`, 'green');
  else out(`! ${closing.headline}`, 'yellow');
  for (const line of closingLines(closing)) out(line);
}

/** Shows what would be done. */
export function showPlan(
  report: PlanReport,
  { log, stream, note }: { readonly log: TerminalLog; readonly stream: NodeJS.WritableStream; readonly note: string },
): void {
  const { instance } = report;
  write(stream, log.shown(`Plan for instance ${instance} (${note}):`), 'bold');
  for (const { text, style } of describePlanReport(report)) {
    write(stream, log.shown(`  ${text.replaceAll('\n', '\n  ')}`), style);
  }
}

export interface FailureContext {
  /** Absent if the failure belongs to no instance. */
  readonly instance?: string;
  /** The run so far; absent if it had not begun. */
  readonly record?: RunRecord;
  readonly log: TerminalLog;
}

/** Shows on standard error what failed, why, and what to do; and what is there after all. */
export function showFailure(thrown: unknown, { instance, record, log }: FailureContext): void {
  if (thrown instanceof Error) log.debug(thrown.stack ?? '');
  const kind = exitCodeFor([thrown]) === EXIT_CODES.cancelled.code ? 'cancelled' : 'failed';
  for (const failure of mergedFailures(failuresOf(thrown, terminalRemedies))) {
    if (instance !== undefined)
      log.error(`✗ ${instance}: ${kind === 'cancelled' ? kind : (failure.title ?? kind)}`, 'red');
    log.error(`${instance === undefined ? '✗ ' : ''}${failureText(failure)}`);
  }
  for (const line of record === undefined ? [] : describeLeftovers(record, { resources: true })) log.error(line);
}

/**
 * What to do at a terminal about errors whose own remedy speaks of a workflow's `with:` and `env:`, its checkout or its
 * token, by their codes.
 */
const CREDENTIALS =
  'Try git push --dry-run in the clone: the same credentials are used, or the token of the variable ' +
  'LAUNCHPAD_GITHUB_TOKEN where it is set. They must be allowed to push to that branch; --branch names another one.';
const BYPASS =
  'Allow the identity that pushes to bypass the rule (yours, or that of LAUNCHPAD_GITHUB_TOKEN where it is set), or name ' +
  'another branch by --branch.';
const REMEDIES: Readonly<Record<string, string>> = {
  'settings-invalid':
    'Give an input as the option of its name, or set its variable in the environment or in a file (.env, or --settings-file); ' +
    'secrets by variable only. launchpad-provision provision --help lists them.',
  'kubeconfig-invalid':
    'Set KUBECONFIG to the file of a kubeconfig that works with kubectl: kubectl config view --minify shows what it uses.',
  'no-checkout':
    'Run it in your clone of the cluster repository, or say where that is by --repository-path. The clone needs a remote.',
  'no-branch':
    'Name a branch that the remote has by --branch, or push yours first (git push -u). A new repository needs a first commit.',
  'push-denied': CREDENTIALS,
  'credentials-refused': CREDENTIALS,
  'repository-not-found': CREDENTIALS,
  'push-branch-protected': BYPASS,
  'push-signature-required': BYPASS,
  'push-rule-violated': BYPASS,
  'push-shallow': 'Fetch the whole history first: git fetch --unshallow.',
  'host-key-refused': "Connect once by ssh to check the git host's key, which adds it to known_hosts; then run again.",
  'push-author-refused':
    'Set user.name and user.email of the clone, or --commit-author-name and --commit-author-email, to what the git host accepts.',
  'git-missing': 'Install git, and check that the clone of the cluster repository exists.',
  'action-incomplete': 'Install the package again: its dist/, manifests/ and templates/ belong together.',
  'not-confirmed': 'To delete it with all its data, pass --confirm <instance>; for several --confirm a,b,c.',
};

export const terminalRemedies: Remedies = ({ code }) => REMEDIES[code];

/** How a command ended. */
export interface Ending {
  /** Of each instance that it came to. */
  readonly outcomes: readonly Outcome[];
  /** What ended it before it came to any. */
  readonly error: unknown;
  readonly exitCode: number;
}

/** How a command ended, as JSON for a program: an object with `outcome`, `exitCode`, `errors` and `instances`. */
export function jsonReport({ outcomes, error, exitCode }: Ending, redact: (text: string) => string): string {
  const instances = outcomes.map((outcome) => ({
    instance: outcome.task.instance,
    outcome: outcome.kind,
    ...(outcome.kind === 'failed' ? { errors: errorsOf(outcome.error) } : { report: outcome.report }),
  }));
  const outcome = OUTCOMES[exitCode] ?? 'failed';
  const report = { outcome, exitCode, errors: error === undefined ? [] : errorsOf(error), instances };
  return JSON.stringify(report, (_, value: unknown) => (typeof value === 'string' ? redact(value) : value), 2);
}

/** How the command ended in a word, by its exit code. */
const OUTCOMES: Readonly<Record<number, string>> = {
  [EXIT_CODES.done.code]: 'done',
  [EXIT_CODES.usage.code]: 'invalid',
  [EXIT_CODES.cancelled.code]: 'cancelled',
};

function errorsOf(thrown: unknown) {
  const code = thrown instanceof LaunchpadError ? { code: thrown.code } : {};
  return failuresOf(thrown, terminalRemedies).map((failure) => ({ ...code, ...plain(failure) }));
}

interface PlainError {
  readonly message: string;
  readonly remedy?: string;
  readonly causes: readonly PlainError[];
}

function plain({ message, remedy, causes }: Failure): PlainError {
  return { message, ...(remedy === undefined ? {} : { remedy }), causes: causes.map(plain) };
}
