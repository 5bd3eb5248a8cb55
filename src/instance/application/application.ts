import { isDeepStrictEqual } from 'node:util';
import { load, YAMLException } from 'js-yaml';
import { LaunchpadError } from '../../core/errors.ts';
import { type Fields, fieldsOf, isFields } from '../../core/fields.ts';
import { quoted, withoutSecrets } from '../../core/quote.ts';
import { beyondBudget, requirePlainYaml } from '../plain-yaml.ts';
import { invalidLabels, unknownFields } from './application-fields.ts';

/** An Argo CD Application as application.yml has it (https://argo-cd.readthedocs.io/en/stable/operator-manual/application.yaml). */
export interface Application {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** The fields that an instance's Application must have. */
export interface ExpectedApplication {
  readonly name: string;
  readonly instance: string;
  readonly repositoryUrl: string;
  /** Directory of the rendered manifests in the repository. */
  readonly path: string;
  /** Namespace of Argo CD, if it is not the usual one. */
  readonly argocdNamespace?: string | undefined;
}

const API_VERSION = 'argoproj.io/v1alpha1';
/** Where Argo CD usually is. */
export const ARGOCD_NAMESPACE = 'argocd';
const SERVER = 'https://kubernetes.default.svc';

/** An application.yml has a few kB; a larger file is something else. */
const LARGEST_BYTES = 1024 * 1024;

/** @throws LaunchpadError `application-invalid` where the file is not one Application */
export function parseApplication(bytes: Uint8Array, name: string): Application {
  const invalid = (what: string) =>
    new LaunchpadError('application-invalid', `${name} ${what}.`, {
      remedy: 'Correct it, or remove it so that the action creates one.',
    });
  requirePlainYaml(bytes, name);
  if (bytes.byteLength > LARGEST_BYTES)
    throw invalid(`has ${bytes.byteLength} bytes; at most ${LARGEST_BYTES} are read`);
  let value: unknown;
  try {
    value = load(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { line = 0, column = 0 } = error.mark ?? {};
    throw invalid(`is not YAML: line ${line + 1}, column ${column + 1}: ${error.reason}`);
  }
  const excess = beyondBudget(value);
  if (excess !== undefined) throw invalid(`has ${excess}`);
  if (!isApplication(value)) throw invalid(`is no Application (${API_VERSION}) with metadata.name and spec`);
  return value;
}

/**
 * Requires that the Application deploys the instance's own manifests to its own namespace. Of the other fields
 * those are free that an operator may choose (docs/application.md).
 *
 * @throws LaunchpadError `application-refused` with each difference
 */
export function checkApplication(application: Application, expected: ExpectedApplication): void {
  const differences = [
    ...applicationDifferences(application, expected),
    ...unknownFields(application).map((field) => `${field} is not supported`),
    ...invalidLabels(application.metadata.labels),
  ];
  if (differences.length === 0) return;
  const lines = differences.map((line) => `\n  - ${line}`).join('');
  throw new LaunchpadError(
    'application-refused',
    `application.yml is not that of instance ${expected.instance}:${lines}`,
    { remedy: 'Correct these fields, or remove the file so that the action creates one.' },
  );
}

/** The part of an Application that identifies it. */
export interface ApplicationLike extends Pick<Application, 'spec'> {
  readonly metadata: { readonly name?: string; readonly namespace?: string };
}

/** A line for each field in which an Application differs from the instance's. */
export function applicationDifferences({ metadata, spec }: ApplicationLike, expected: ExpectedApplication): string[] {
  const differences: string[] = [];
  const expect = (field: string, value: unknown, wanted: unknown) => {
    if (!isDeepStrictEqual(value, wanted)) differences.push(`${field} is ${show(value)}, not ${show(wanted)}`);
  };
  expect('metadata.name', metadata.name, expected.name);
  expect('metadata.namespace', metadata.namespace, expected.argocdNamespace ?? ARGOCD_NAMESPACE);
  if (ownSource(spec, expected) === undefined) differences.push(...sourceDifferences(spec, expected));
  const to = fieldsOf(spec.destination);
  expect('spec.destination.namespace', to.namespace, expected.instance);
  if (to.name === undefined || to.server !== undefined) expect('spec.destination.server', to.server, SERVER);
  if (to.name !== undefined) expect('spec.destination.name', to.name, 'in-cluster');
  return differences;
}

/**
 * The source with the instance's own manifests: `spec.source`, or one of `spec.sources`, which Argo CD uses instead of it
 * (https://argo-cd.readthedocs.io/en/stable/user-guide/multiple_sources/). The others are the operator's, such as cron jobs.
 */
function ownSource(spec: Fields, expected: Pick<ExpectedApplication, 'path' | 'repositoryUrl'>): Fields | undefined {
  return sourcesOf(spec).find(
    ({ path, repoURL }) =>
      typeof path === 'string' &&
      path.replace(/^\.\/|(?<!\/)\/+$/g, '') === expected.path &&
      typeof repoURL === 'string' &&
      sameRepository(repoURL, expected.repositoryUrl),
  );
}

/** What Argo CD deploys from: `sources` before `source`. */
export function sourcesOf({ source, sources }: Fields): Fields[] {
  if (sources === undefined) return [fieldsOf(source)];
  return Array.isArray(sources) ? sources.map(fieldsOf) : [];
}

function sourceDifferences(spec: Fields, { path, repositoryUrl }: ExpectedApplication): string[] {
  const [only, ...more] = sourcesOf(spec);
  if (more.length > 0 || spec.sources !== undefined) {
    return [`spec.sources has no entry with path ${show(path)} and repoURL ${repositoryUrl}`];
  }
  const differences: string[] = [];
  if (only?.path !== path) differences.push(`spec.source.path is ${show(only?.path)}, not ${show(path)}`);
  if (typeof only?.repoURL !== 'string' || !sameRepository(only.repoURL, repositoryUrl)) {
    differences.push(`spec.source.repoURL is ${show(only?.repoURL)}, not ${repositoryUrl}`);
  }
  return differences;
}

/** Whether two URLs, by https or SSH in either spelling, name the same repository of the same host. */
export function sameRepository(a: string, b: string): boolean {
  return repositoryIdentity(a) === repositoryIdentity(b);
}

/**
 * The URL by which Argo CD reads the cluster repository: that of another Application, as Argo CD has credentials for it,
 * else the SSH form.
 *
 * @param others repoURLs of the cluster's Applications
 */
export function repositoryUrl({
  host,
  owner,
  name,
  others,
}: {
  readonly host: string;
  readonly owner: string;
  readonly name: string;
  readonly others: readonly string[];
}): string {
  const ssh = `git@${host}:${owner}/${name}.git`;
  return others.find((other) => sameRepository(other, ssh)) ?? ssh;
}

/** `host/owner/name` in lower case for any spelling; other URLs stay. */
function repositoryIdentity(url: string): string {
  const trimmed = url
    .trim()
    .replace(/(?<!\/)\/+$/, '')
    .replace(/\.git$/, '');
  const scp = /^(?:[^@/\s]+@)?([^:/\s]+):(?!\/)(.+)$/.exec(trimmed);
  if (scp !== null) return `${scp[1]}/${scp[2]}`.toLowerCase();
  if (!URL.canParse(trimmed)) return trimmed;
  const { hostname, pathname, protocol } = new URL(trimmed);
  // GitHub serves SSH at port 443 under a name of its own.
  const host = protocol === 'ssh:' && hostname === 'ssh.github.com' ? 'github.com' : hostname;
  return `${host}${pathname}`.toLowerCase();
}

function isApplication(value: unknown): value is Application {
  if (!isFields(value) || value.apiVersion !== API_VERSION || value.kind !== 'Application') return false;
  return isFields(value.metadata) && typeof value.metadata.name === 'string' && isFields(value.spec);
}

function show(value: unknown): string {
  return value === undefined
    ? 'not set'
    : typeof value === 'string'
      ? quoted(value)
      : withoutSecrets(JSON.stringify(value));
}
