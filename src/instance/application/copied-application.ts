import { isScalar, parseDocument } from 'yaml';
import { fieldsOf } from '../../core/fields.ts';
import { parseApplication, sameRepository } from './application.ts';

export interface CopyApplicationRequest {
  /** application.yml of the instance that is copied, and its path. */
  readonly bytes: Uint8Array;
  readonly path: string;
  /** The instance that is copied. */
  readonly from: string;
  readonly name: string;
  /** Name of the new Application. */
  readonly applicationName: string;
  readonly environment: string;
  readonly manifestsPath: string;
  readonly repositoryUrl: string;
  readonly branch: string;
}

/**
 * The application.yml of a copy: fields that name the instance get the new one's name, all other bytes stay.
 *
 * @throws LaunchpadError `application-invalid`
 */
export function copyApplication(request: CopyApplicationRequest): Uint8Array {
  const { bytes, path, from, name, applicationName, environment } = request;
  const application = parseApplication(bytes, path);
  const text = Buffer.from(bytes).toString('utf8');
  const document = parseDocument(text, { keepSourceTokens: true });
  const pieces: { start: number; end: number; value: string }[] = [];
  const set = (keys: readonly string[], change: (value: string) => string) => {
    const node = document.getIn(keys, true);
    if (!isScalar(node) || node.range === null || node.range === undefined) return;
    const old = String(keys.reduce<unknown>((value, key) => fieldsOf(value)[key], application));
    const value = change(old);
    const [start, end] = node.range;
    if (value !== old) pieces.push({ start, end, value });
  };
  const oldEnvironment = application.metadata.name.startsWith(`${from}-`)
    ? application.metadata.name.slice(from.length + 1)
    : undefined;
  set(['metadata', 'name'], () => applicationName);
  for (const key of Object.keys(application.metadata.labels ?? {})) {
    set(['metadata', 'labels', key], (value) => (value === oldEnvironment ? environment : renamed(value, from, name)));
  }
  set(['spec', 'source', 'path'], () => request.manifestsPath);
  set(['spec', 'source', 'repoURL'], (value) =>
    sameRepository(value, request.repositoryUrl) ? value : request.repositoryUrl,
  );
  set(['spec', 'source', 'targetRevision'], () => request.branch);
  set(['spec', 'destination', 'namespace'], () => name);
  const copied = pieces
    .toSorted((a, b) => b.start - a.start)
    .reduce((all, { start, end, value }) => all.slice(0, start) + JSON.stringify(value) + all.slice(end), text);
  return new TextEncoder().encode(copied);
}

/** A label names the instance where it is its name, or begins with it. */
function renamed(value: string, from: string, name: string): string {
  return value === from || value.startsWith(`${from}-`) ? name + value.slice(from.length) : value;
}
