import type { IncomingMessage } from 'node:http';
import { load } from 'js-yaml';
import type { Access } from './access.ts';
import { isObject, type JsonObject } from './json.ts';
import { KINDS, type KindInfo } from './kinds.ts';
import { badRequest, StatusError } from './status.ts';
import type { Store } from './store.ts';

/** A request to a resource, taken apart. */
export interface ResourceRequest {
  readonly method: string;
  readonly info: KindInfo;
  readonly namespace: string;
  /** Empty: the collection is meant. */
  readonly name: string;
  readonly subresource: string;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly body: JsonObject;
}

const PATH =
  /^\/(?:api\/(v1)|apis\/([^/]+\/[^/]+))(?:\/namespaces\/([^/]+))?(?:\/([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?)?$/;

/** Reads a request; undefined where the path is that of a group, for discovery. */
export async function readRequest(incoming: IncomingMessage): Promise<ResourceRequest | undefined> {
  const url = new URL(incoming.url ?? '/', 'https://sandbox');
  const match = PATH.exec(url.pathname);
  if (match === null) throw new StatusError(404, 'NotFound', 'the server could not find the requested resource');
  const [, core, group, within, first, second, third] = match.map((part) => part && decodeURIComponent(part));
  const apiVersion = core ?? group ?? '';
  // /api/v1/namespaces/x is the namespace itself; /api/v1/namespaces/x/pods is something in it.
  const isNamespace = within !== undefined && first === undefined;
  const plural = isNamespace || first === undefined ? 'namespaces' : first;
  if (first === undefined && !isNamespace) return undefined;
  const info = KINDS.find((kind) => kind.apiVersion === apiVersion && kind.plural === plural);
  if (info === undefined) throw new StatusError(404, 'NotFound', 'the server could not find the requested resource');
  return {
    method: incoming.method ?? 'GET',
    info,
    namespace: info.isNamespaced ? (within ?? '') : '',
    name: (isNamespace ? within : second) ?? '',
    subresource: third ?? '',
    query: url.searchParams,
    contentType: (incoming.headers['content-type'] ?? '').split(';')[0] ?? '',
    body: await readBody(incoming),
  };
}

async function readBody(incoming: IncomingMessage): Promise<JsonObject> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  if (text === '') return {};
  const value: unknown = load(text);
  // A JSON patch.
  if (Array.isArray(value)) return { operations: value };
  if (!isObject(value)) throw badRequest('the body is no object');
  return value;
}

/** The verb of RBAC for a request. */
export function verbOf({ method, name, query }: ResourceRequest): string {
  switch (method) {
    case 'GET':
      if (query.get('watch') === 'true') return 'watch';
      return name === '' ? 'list' : 'get';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    default:
      return name === '' ? 'deletecollection' : 'delete';
  }
}

/** What answers are made from. */
export interface Served {
  readonly store: Store;
  readonly access: Access;
  readonly logs: ReadonlyMap<string, string>;
  readonly missingKinds: ReadonlySet<string>;
}
