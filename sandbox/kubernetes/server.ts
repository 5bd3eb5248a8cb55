import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { listenAt, stopHttp } from '../listening.ts';
import { localIdentity } from '../tls.ts';
import { Access } from './access.ts';
import { collectGarbage } from './garbage-collector.ts';
import { isObject, type JsonObject } from './json.ts';
import { KINDS } from './kinds.ts';
import { readRequest, type Served, verbOf } from './request.ts';
import { answerResource } from './resources.ts';
import { StatusError } from './status.ts';
import { Store } from './store.ts';
import { streamChanges } from './watch.ts';

/** A Kubernetes API of the sandbox. */
export interface KubernetesServer {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Its certificate authority, PEM. */
  readonly ca: string;
  readonly store: Store;
  readonly access: Access;
  /** Logs of pods' containers, by `namespace/pod`. */
  readonly logs: Map<string, string>;
  /** A kubeconfig of the operator. */
  kubeconfig(): string;
  /** Kinds that are not served, as if their CRDs were missing. */
  readonly missingKinds: Set<string>;
  stop(): Promise<void>;
}

/** Starts the API on a free port of this machine. */
export async function startKubernetes(): Promise<KubernetesServer> {
  const identity = await localIdentity();
  const store = new Store();
  const access = new Access(store);
  const logs = new Map<string, string>();
  const missingKinds = new Set<string>();
  const stopCollecting = collectGarbage(store);
  const server = createServer({ key: identity.key, cert: identity.cert }, (request, response) => {
    answer({ store, access, logs, missingKinds }, request, response).catch((error: unknown) => refuse(response, error));
  });
  server.keepAliveTimeout = 60_000;
  const port = await listenAt(server);
  const url = `https://127.0.0.1:${port}`;
  return {
    url,
    host: '127.0.0.1',
    port,
    ca: identity.cert,
    store,
    access,
    logs,
    missingKinds,
    kubeconfig: () => kubeconfig(url, identity.cert, access.adminToken),
    stop: async () => {
      stopCollecting();
      await stopHttp(server);
    },
  };
}

/** A kubeconfig with a token, as JSON, which is YAML too. */
export function kubeconfig(server: string, ca: string, token: string): string {
  const name = 'sandbox';
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
}

async function answer(served: Served, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const user = served.access.authenticate(incoming.headers.authorization);
  if (new URL(incoming.url ?? '/', 'https://sandbox').pathname === '/apis') {
    send(response, 200, groupList());
    return;
  }
  const request = await readRequest(incoming);
  if (request === undefined) {
    send(response, 200, discovery(served, new URL(incoming.url ?? '/', 'https://sandbox').pathname));
    return;
  }
  const { info, namespace, name, subresource } = request;
  if (served.missingKinds.has(info.kind)) {
    throw new StatusError(404, 'NotFound', 'the server could not find the requested resource');
  }
  const [group = ''] = info.apiVersion.includes('/') ? info.apiVersion.split('/') : [''];
  const verb = verbOf(request);
  if (group !== 'authorization.k8s.io') {
    served.access.authorize(user, { verb, group, resource: info.plural, subresource, namespace, name });
  }
  if (verb === 'watch') {
    streamChanges(served.store, request, response);
    return;
  }
  const { code, body } = answerResource(served, user, request, verb);
  if (typeof body === 'string') response.writeHead(code, { 'content-type': 'text/plain' }).end(body);
  else send(response, code, isMetadataWanted(incoming) ? metadataOf(body) : body);
}

function isMetadataWanted({ headers, method }: IncomingMessage): boolean {
  return method !== 'DELETE' && (headers.accept ?? '').includes('as=PartialObjectMetadata');
}

function metadataOf({ metadata, items }: JsonObject): JsonObject {
  if (Array.isArray(items)) {
    const partial = items.filter(isObject).map(metadataOf);
    return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items: partial };
  }
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    ...(metadata === undefined ? {} : { metadata }),
  };
}

function groupList(): JsonObject {
  const versions = [...new Set(KINDS.map(({ apiVersion }) => apiVersion))].filter((version) => version.includes('/'));
  const groups = versions.map((groupVersion) => {
    const [name = '', version = ''] = groupVersion.split('/');
    return { name, versions: [{ groupVersion, version }], preferredVersion: { groupVersion, version } };
  });
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

function discovery({ missingKinds }: Served, path: string): JsonObject {
  const groupVersion = path.replace(/^\/apis?\//, '');
  const kinds = KINDS.filter(({ apiVersion, kind }) => apiVersion === groupVersion && !missingKinds.has(kind));
  if (kinds.length === 0) throw new StatusError(404, 'NotFound', 'the server could not find the requested resource');
  const resources = kinds.map(({ plural, kind, isNamespaced }) => ({
    name: plural,
    singularName: kind.toLowerCase(),
    namespaced: isNamespaced,
    kind,
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  }));
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const status = error instanceof StatusError ? error : new StatusError(500, 'InternalError', String(error));
  send(response, status.code, status.status);
}

function send(response: ServerResponse, code: number, body: JsonObject): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
