import { types } from 'node:util';
import { ClusterError } from '../../cluster/api/errors.ts';
import { CAUSES } from '../../cluster/causes/causes.ts';
import { type Diagnosis, WorkflowFailed } from '../../cluster/workflows/diagnosis.ts';
import { diskError } from '../../core/disk-error.ts';
import { LaunchpadError, messageOf } from '../../core/errors.ts';

/** An error as an operator reads it, with its causes. */
export interface Failure {
  readonly message: string;
  /** Area and cause in a few words; undefined for an error that nobody knows. */
  readonly title?: string | undefined;
  readonly remedy: string | undefined;
  readonly causes: readonly Failure[];
  /** The diagnosis of a workflow that failed. */
  readonly diagnosis?: Diagnosis;
}

const DEEPEST = 8;

/** What to do about an error if no GitHub workflow started the run; undefined: the error's own remedy. */
export type Remedies = (error: LaunchpadError) => string | undefined;

/**
 * What failed: one failure, or each one in an AggregateError. The same one of several requests, such as a token that has
 * expired, is told once.
 *
 * @param remedies replace the errors' own remedies, which are for a GitHub workflow
 */
export function failuresOf(thrown: unknown, remedies: Remedies = () => undefined): Failure[] {
  const failures = explain(thrown, remedies, 0);
  const isFirst = (failure: Failure, index: number) =>
    failure.diagnosis !== undefined || failures.findIndex((one) => failureText(one) === failureText(failure)) === index;
  return failures.filter(isFirst);
}

/** A failure with its causes and its remedy, each on its own lines. */
export function failureText({ message, remedy, causes }: Failure): string {
  const lines = [message, ...causes.flatMap((cause) => indented(`Cause: ${failureText(cause)}`))];
  return [...lines, ...(remedy === undefined ? [] : [`What to do: ${remedy}`])].join('\n');
}

/**
 * One failure for each cause: what holds several workflows up for the same reason in the cluster, such as an image that
 * cannot be pulled, is one failure that names their services.
 */
export function mergedFailures(failures: readonly Failure[]): Failure[] {
  const keyOf = (failure: Failure) => {
    const code = failure.diagnosis?.code;
    return code !== undefined && CAUSES.some((row) => row.code === code) ? code : failure;
  };
  return [...Map.groupBy(failures, keyOf).values()].flatMap((group) => {
    const [first, ...others] = group;
    if (first?.diagnosis === undefined || others.length === 0) return group;
    const services = group.map(({ diagnosis }) => diagnosis?.service ?? '').join(', ');
    const heading = first.diagnosis.title.slice(first.diagnosis.service.length);
    const message = group.map((one) => one.message).join('\n');
    return [{ ...first, title: `${services}${heading}`, message }];
  });
}

function explain(found: unknown, remedies: Remedies, depth: number): Failure[] {
  const thrown = diskError(found) ?? found;
  const inner = depth < DEEPEST ? innerErrors(thrown) : [];
  const causes = inner.flatMap((error) => explain(error, remedies, depth + 1));
  if (isAggregate(thrown) && causes.length > 0) return causes;

  const message = depth === 0 ? topMessage(thrown) : messageOf(thrown);
  const remedy = thrown instanceof LaunchpadError ? (remedies(thrown) ?? thrown.remedy) : undefined;
  // A message that quotes its cause: the cause is not repeated.
  const unquoted = causes.flatMap((cause) => (message.includes(cause.message) ? cause.causes : [cause]));
  const diagnosed = thrown instanceof WorkflowFailed ? { diagnosis: thrown.diagnosis } : {};
  const title = thrown instanceof WorkflowFailed ? thrown.diagnosis.title : titleOf(thrown);
  return [{ message, ...(title === undefined ? {} : { title }), remedy, causes: unquoted, ...diagnosed }];
}

/** An error that no part of the action has explained gets its type's name. */
function topMessage(thrown: unknown): string {
  if (thrown instanceof LaunchpadError || isAggregate(thrown)) return thrown.message;
  const name = types.isNativeError(thrown) ? thrown.name : 'value thrown';
  return `Unexpected ${name}: ${messageOf(thrown)}`;
}

/**
 * What an error and its causes are about: the API server as a whole where that gives no answer or does not accept the
 * credentials, else each its own message.
 */
export function causeKeys(thrown: unknown, depth = 0): string[] {
  const isOfServer = thrown instanceof ClusterError && [0, 401].includes(thrown.status);
  const own = (isOfServer ? titleOf(thrown) : undefined) ?? messageOf(thrown);
  const inner = depth < DEEPEST ? innerErrors(thrown).flatMap((error) => causeKeys(error, depth + 1)) : [];
  return [own, ...inner];
}

function innerErrors(thrown: unknown): readonly unknown[] {
  if (isAggregate(thrown)) return thrown.errors;
  return types.isNativeError(thrown) && thrown.cause !== undefined ? [thrown.cause] : [];
}

/** Node's own errors are not always instances of this realm's AggregateError. */
function isAggregate(thrown: unknown): thrown is AggregateError {
  return types.isNativeError(thrown) && 'errors' in thrown && Array.isArray(thrown.errors);
}

function indented(text: string): string[] {
  return text.split('\n').map((line) => `  ${line}`);
}

/** In which way a run did not succeed. */
export type FailureKind = 'failed' | 'cancelled' | 'timed-out' | 'not-synced';

/** Codes of a wait for Argo CD that failed: all else is done by then. */
const NOT_SYNCED = ['sync-failed', 'sync-timeout', 'application-deleted'];

export function failureKindOf(thrown: unknown): FailureKind {
  const codes = errorsIn(thrown).flatMap((error) => (error instanceof LaunchpadError ? error.code : []));
  if (codes.includes('cancelled')) return 'cancelled';
  if (codes.some((code) => NOT_SYNCED.includes(code))) return 'not-synced';
  const isTimeOut = (error: unknown) => error instanceof WorkflowFailed && error.diagnosis.phase === 'TimedOut';
  return errorsIn(thrown).some(isTimeOut) ? 'timed-out' : 'failed';
}

/** The code of the error, or of the first of several; `unexpected` if no part of the action knows the error. */
export function failureCodeOf(thrown: unknown): string {
  const [first] = errorsIn(thrown);
  return first instanceof LaunchpadError ? first.code : 'unexpected';
}

function errorsIn(thrown: unknown): readonly unknown[] {
  const errors: readonly unknown[] = isAggregate(thrown) ? thrown.errors : [thrown];
  return errors.map((error) => diskError(error) ?? error);
}

/** Area and cause in a few words, by the code of an error that has no title; the first row that matches counts. */
const TITLES: readonly (readonly [RegExp, string])[] = [
  [/^cancelled$/, 'Cancelled'],
  [/^(settings|usage)-invalid$/, 'Invalid settings'],
  [/^instance-name-invalid$/, 'Invalid instance name'],
  [/^not-confirmed$/, 'Not confirmed'],
  [/^event-invalid$/, 'GitHub: event not readable'],
  [/^(preview|sandbox)-/, 'Preview: refused'],
  [/^(event|operation)-|^fork$|^not-in-workflow$|^too-many-files$/, 'Workflow: event not supported'],
  [/^access-denied$/, 'Kubernetes: permission denied'],
  [/^cluster-unreachable$/, 'Kubernetes: API server not reachable'],
  [/^cluster-answer-invalid$/, 'Kubernetes: not an API server'],
  [/^cluster-not-ready$|^argo-too-old$/, 'Kubernetes: Argo missing or too old'],
  [/^kubeconfig-invalid$/, 'Kubernetes: invalid kubeconfig'],
  [/^(credentials-unavailable|exec-plugin-failed)$/, 'Kubernetes: no credentials'],
  [/^proxy-(invalid|unreachable)$/, 'Proxy: not usable'],
  [/^proxy-refused$/, 'Proxy: connection refused'],
  [/^namespace-/, 'Kubernetes: namespace not usable'],
  [/^(object-invalid|seed-damaged|password-unverified)$/, 'Kubernetes: invalid object'],
  [/^lease-held$|^workflows-running$/, 'Instance locked by another run'],
  [/^lease-/, 'Instance lock lost'],
  [/^sync-timeout$/, 'Argo CD: not synced in time'],
  [/^(sync-failed|application-deleted)$/, 'Argo CD: sync failed'],
  [/^application-terminating$/, 'Argo CD: Application not deleted'],
  [/^application-/, 'application.yml: refused'],
  [/^(instance-protected|deprovision-refused)$/, 'Instance is protected'],
  [/^config-changed$/, 'config.yml: changed during the run'],
  [/^(template|source)/, 'Template: not usable'],
  [/^(config|file|not-a-file)/, 'config.yml: not usable'],
  [/^push-denied$/, 'Git: push denied'],
  [/^push-secret-found$/, 'Git: push protection found a secret'],
  [/^push-(outrun|unknown|not-comparable)$/, 'Git: branch changed during the run'],
  [/^push-(.*refused|rule-violated|signature-required|hook-declined)$/, 'Git: push refused by a rule'],
  [/^push-too-large$/, 'Git: push too large'],
  [/^push-shallow$/, 'Git: shallow clone'],
  [/^credentials-refused$/, 'Git: credentials not accepted'],
  [/^repository-not-found$/, 'Git: repository not found'],
  [/^repository-unreachable$/, 'Git: repository not reachable'],
  [/^repository-|^other-repository$/, 'Git: repository not writable'],
  [/^(rate-limited|address-refused|host-key-refused|certificate-refused)$/, 'Git: connection refused'],
  [/^(push|git|checkout|branch|no-branch|not-a-branch|no-checkout|read-only|uncommitted)/, 'Git: failed'],
  [/^public-repository$/, 'GitHub: repository is public'],
  [/^github-/, 'GitHub: API request failed'],
  [/^disk-failed$/, 'Runner: disk not writable'],
  [/^action-incomplete$/, 'Incomplete installation'],
];

/** Area and cause in a few words, such as `Git: push denied`; undefined for an error that nobody knows. */
function titleOf(error: unknown): string | undefined {
  if (!(error instanceof LaunchpadError)) return undefined;
  return error.title ?? TITLES.find(([code]) => code.test(error.code))?.[1];
}
