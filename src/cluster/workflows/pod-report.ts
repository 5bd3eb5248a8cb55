import { RESOURCE_STATES, type ResourceState } from '../../core/report.ts';
import type { Cluster } from '../api/client.ts';

/** What a provisioner wrote: its lines for people, and the JSON that it ends with. */
export interface PodReport {
  readonly lines: readonly string[];
  readonly error: ProvisionerError | undefined;
  readonly resources: readonly ResourceState[];
}

/** The last line of a provisioner that failed. */
export interface ProvisionerError {
  readonly code: string;
  readonly message: string;
  readonly host: string | undefined;
  readonly hint: string | undefined;
}

const LINES = 50;
/** What Argo's executor adds to the log of the container. */
const ARGO_LINE = / argo=true\b|^Error: exit status \d+$/;

/** Reads the log of a Workflow's pod. */
export async function readPodReport(cluster: Cluster, namespace: string, pod: string): Promise<PodReport> {
  return parseLog(await cluster.podLog(namespace, pod, 'main', LINES));
}

/** Splits a log into the provisioner's lines and its JSON; what Argo's executor adds is dropped. */
export function parseLog(log: string): PodReport {
  const lines: string[] = [];
  let error: ProvisionerError | undefined;
  let resources: readonly ResourceState[] = [];
  for (const line of log.split(/\r?\n/)) {
    if (line.trim() === '' || ARGO_LINE.test(line)) continue;
    const message = messageIn(line);
    if (message?.launchpad === 'error') error = errorIn(message);
    else if (message?.launchpad === 'result') resources = resourcesIn(message);
    else lines.push(line);
  }
  return { lines, error, resources };
}

type Fields = Readonly<Record<string, unknown>>;

function messageIn(line: string): Fields | undefined {
  if (!line.startsWith('{"launchpad":')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function errorIn({ code, message, host, hint }: Fields): ProvisionerError {
  return { code: text(code) ?? 'unknown', message: text(message) ?? '', host: text(host), hint: text(hint) };
}

function resourcesIn({ resources }: Fields): ResourceState[] {
  if (!Array.isArray(resources)) return [];
  return resources.flatMap((resource: unknown) => {
    if (!isFields(resource)) return [];
    const { kind, name } = resource;
    const state = RESOURCE_STATES.find((one) => one === resource.state);
    return state === undefined ? [] : [{ kind: text(kind) ?? '', name: text(name) ?? '', state }];
  });
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
