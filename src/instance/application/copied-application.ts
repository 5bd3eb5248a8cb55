import { isScalar, parseDocument } from 'yaml';
import { type Fields, fieldsOf } from '../../core/fields.ts';
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

/** The copy's application.yml. */
export interface CopiedApplication {
  readonly bytes: Uint8Array;
  /** Directories of the new instance, besides that of the manifests, that its sources name: the copy does not have them. */
  readonly directories: readonly string[];
}

type Path = readonly (string | number)[];

/**
 * The application.yml of a copy: fields that name the instance get the new one's name, all other bytes stay.
 *
 * @throws LaunchpadError `application-invalid`
 */
export function copyApplication(request: CopyApplicationRequest): CopiedApplication {
  const { bytes, path, from, name, applicationName, environment } = request;
  const application = parseApplication(bytes, path);
  const text = Buffer.from(bytes).toString('utf8');
  const document = parseDocument(text, { keepSourceTokens: true });
  const pieces: { start: number; end: number; value: string }[] = [];
  const set = (keys: Path, change: (value: string) => string) => {
    const node = document.getIn(keys, true);
    if (!isScalar(node) || node.range === null || node.range === undefined) return;
    const old = String(keys.reduce(valueAt, application));
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
  for (const [key, change] of ownFields(request)) set(['spec', 'source', key], change);
  const { sources } = application.spec;
  const directories = Array.isArray(sources) ? setSources(sources.map(fieldsOf), request, set) : [];
  set(['spec', 'destination', 'namespace'], () => name);
  const copied = pieces
    .toSorted((a, b) => b.start - a.start)
    .reduce((all, { start, end, value }) => all.slice(0, start) + JSON.stringify(value) + all.slice(end), text);
  return { bytes: new TextEncoder().encode(copied), directories };
}

function valueAt(value: unknown, key: string | number): unknown {
  return Array.isArray(value) ? value[Number(key)] : fieldsOf(value)[key];
}

/** The fields of the source with the instance's manifests, each with its change. */
function ownFields({ manifestsPath, repositoryUrl, branch }: CopyApplicationRequest) {
  return new Map<string, (value: string) => string>([
    ['path', () => manifestsPath],
    ['repoURL', (value) => (sameRepository(value, repositoryUrl) ? value : repositoryUrl)],
    ['targetRevision', () => branch],
  ]);
}

/**
 * Sets the fields of `spec.sources`: the instance's own source, and whatever names a directory of the instance, such as
 * the path of its cron jobs. Other sources are the operator's.
 *
 * @returns directories of the new instance that are named besides that of the manifests
 */
function setSources(
  sources: readonly Fields[],
  request: CopyApplicationRequest,
  set: (keys: Path, change: (value: string) => string) => void,
): string[] {
  const [from, to] = [request.path, request.manifestsPath].map((path) => path.slice(0, path.lastIndexOf('/')));
  const directory = new RegExp(`(?<![\\w.-])${RegExp.escape(from ?? '')}(?![\\w.-])`, 'g');
  const isManifests = ({ path }: Fields) => typeof path === 'string' && plainPath(path) === `${from}/env`;
  const isOfRepository = ({ repoURL }: Fields) =>
    typeof repoURL === 'string' && sameRepository(repoURL, request.repositoryUrl);
  const own = sources.find((source) => isManifests(source) && isOfRepository(source)) ?? sources.find(isManifests);
  const ownSource = ownFields(request);
  const directories: string[] = [];
  for (const [index, source] of sources.entries()) {
    const isInDirectory = typeof source.path === 'string' && source.path.search(directory) >= 0;
    for (const keys of placesOfTexts(source)) {
      const place: Path = ['spec', 'sources', index, ...keys];
      const [key] = keys;
      const change = keys.length === 1 ? ownSource.get(String(key)) : undefined;
      if (source === own && change !== undefined) set(place, change);
      else if (isInDirectory && isOfRepository(source) && key === 'targetRevision') set(place, () => request.branch);
      else if (key !== 'repoURL') set(place, (value) => value.replace(directory, () => to ?? ''));
    }
    if (source !== own && isInDirectory) directories.push(String(source.path).replace(directory, () => to ?? ''));
  }
  return directories;
}

function plainPath(path: string): string {
  return path.replace(/^\.\/|(?<!\/)\/+$/g, '');
}

/** Where a value has texts. */
function placesOfTexts(value: unknown): Path[] {
  if (typeof value === 'string') return [[]];
  if (typeof value !== 'object' || value === null) return [];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, one]) => placesOfTexts(one).map((place) => [key, ...place]));
}

/** A label names the instance where it is its name, or begins with it. */
function renamed(value: string, from: string, name: string): string {
  return value === from || value.startsWith(`${from}-`) ? name + value.slice(from.length) : value;
}
