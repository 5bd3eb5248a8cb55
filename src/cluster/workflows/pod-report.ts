import { type Fields, fieldsOf, listIn, textIn, textsIn } from '../../core/fields.ts';
import { shortened } from '../../core/quote.ts';
import { RESOURCE_STATES, type ResourceState } from '../../core/report.ts';
import { type Cluster, LOG_BYTES } from '../api/client.ts';
import { type PodObject, terminationMessage, type WorkflowObject } from '../objects/workflow-objects.ts';

/** What a provisioner said, in its log or its termination message: its lines for people, and its JSON. */
export interface PodReport {
  readonly lines: readonly string[];
  readonly error: ProvisionerError | undefined;
  /** What failed last and is tried again, unless other lines came after it. */
  readonly passing: ProvisionerError | undefined;
  readonly resources: readonly ResourceState[];
  readonly warnings: readonly string[];
}

/** The JSON of a provisioner that failed. */
export interface ProvisionerError {
  readonly code: string;
  readonly message: string;
  readonly host: string | undefined;
  readonly hint: string | undefined;
}

const LINES = 50;
/** Milliseconds for reading the log: what it tells is in the pod's status too, only shorter. */
const LOG_MS = 5_000;
/** The last lines: the provisioner's own last one, and Argo's after it. */
const LAST_LINES = 5;
/** Lines that Argo's executor adds to the log. */
const ARGO_LINE = / argo=true\b|^Error: exit status \d+$/;

/** What the provisioner left in the status of its pod, or Argo in that of its Workflow; undefined where there is nothing. */
export function reportIn(pod: PodObject | undefined, workflow: WorkflowObject | undefined): PodReport | undefined {
  const message = terminationMessage(pod, workflow);
  return message === undefined ? undefined : parseLog(message);
}

/**
 * Asks once for the log of a Workflow's pod, up to a limit. The API server leaves out what comes after the limit: where
 * lines are so long that it is reached, the last ones, which say how it ended, are read again.
 *
 * @throws Error that says why there is none
 */
export async function readPodLog(
  cluster: Cluster,
  namespace: string,
  pod: string,
  limitMs = LOG_MS,
): Promise<PodReport> {
  const signal = AbortSignal.timeout(limitMs);
  try {
    const log = await cluster.podLog(namespace, pod, 'main', LINES, signal);
    const report = parseLog(log);
    if (Buffer.byteLength(log) < LOG_BYTES) return report;
    const last = parseLog(await cluster.podLog(namespace, pod, 'main', LAST_LINES, signal));
    return { ...last, lines: [...report.lines, ...last.lines].slice(-LINES) };
  } catch (error) {
    throw signal.aborted ? new Error(`No answer within ${limitMs / 1000} s.`, { cause: error }) : error;
  }
}

/** Splits a log into the provisioner's lines and its JSON, and drops the lines of Argo's executor. */
export function parseLog(log: string): PodReport {
  const lines: string[] = [];
  let error: ProvisionerError | undefined;
  let passing: ProvisionerError | undefined;
  let resources: readonly ResourceState[] = [];
  let warnings: readonly string[] = [];
  for (const line of log.slice(-LOG_BYTES).split(/\r?\n/)) {
    if (line.trim() === '' || ARGO_LINE.test(line)) continue;
    const message = messageIn(line);
    passing = message?.launchpad === 'retry' ? errorIn(message) : undefined;
    if (passing !== undefined) continue;
    if (message?.launchpad === 'error') error = errorIn(message);
    else if (message?.launchpad === 'result') {
      resources = resourcesIn(message);
      warnings = warningsIn(message);
    } else lines.push(shortened(line));
  }
  return { lines, error, passing, resources, warnings };
}

function messageIn(line: string): Fields | undefined {
  if (!line.startsWith('{"launchpad":')) return undefined;
  try {
    return fieldsOf(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function errorIn(message: Fields): ProvisionerError {
  return {
    code: textIn(message, 'code') ?? 'unknown',
    message: shortened(textIn(message, 'message') ?? ''),
    host: textIn(message, 'host'),
    hint: textIn(message, 'hint'),
  };
}

function warningsIn({ warnings }: Fields): string[] {
  if (!Array.isArray(warnings)) return [];
  return warnings.filter((line) => typeof line === 'string').map((line) => shortened(line));
}

function resourcesIn(message: Fields): ResourceState[] {
  return listIn(message, 'resources').flatMap((resource) => {
    const state = RESOURCE_STATES.find((one) => one === resource.state);
    if (state === undefined) return [];
    const lacks = textsIn(resource, 'lacks').map((line) => shortened(line));
    const found = { kind: textIn(resource, 'kind') ?? '', name: textIn(resource, 'name') ?? '', state };
    return [lacks.length > 0 ? { ...found, lacks } : found];
  });
}
