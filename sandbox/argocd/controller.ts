import { setTimeout } from 'node:timers/promises';
import { isObject, type JsonObject, objectAt, type StoredObject, textAt } from '../kubernetes/json.ts';
import { kindNamed } from '../kubernetes/kinds.ts';
import { mergePatch } from '../kubernetes/patches.ts';
import type { KubernetesServer } from '../kubernetes/server.ts';
import { type Credentials, readSource, type SourceState } from './source.ts';
import * as status from './status.ts';

/** What goes wrong with an Application. */
type Fault =
  /** It is synced, but a resource of it does not become healthy. */
  | { readonly kind: 'degraded'; readonly resource: status.Resource; readonly message: string }
  /** Argo CD gives up syncing it. */
  | { readonly kind: 'sync-failed'; readonly resource: status.Resource; readonly message: string };

/** The sandbox's Argo CD: nobody touches an Application until it is switched on. */
export interface ArgoCd {
  /** By the name of the Application; all others go well. */
  readonly faults: Map<string, Fault>;
  /** Credentials for repositories, by the beginning of their URL. */
  readonly credentials: Map<string, Credentials>;
  /** Whether the health of each resource stands in the Application; since Argo CD 3 it does not unless it is asked for. */
  persistsResourceHealth: boolean;
  switchOn(): void;
  switchOff(): void;
  stop(): Promise<void>;
}

const TICK_MS = 25;
/** Milliseconds that each step of a sync takes. */
const STEP_MS = 50;
const REFRESH = 'argocd.argoproj.io/refresh';

const APPLICATION = kindNamed('Application');

/** Looks at Applications that are new, changed or to be refreshed, and syncs those with an automated policy. */
export function startArgoCd({ store }: Pick<KubernetesServer, 'store'>): ArgoCd {
  /** By UID: the spec that was looked at last. */
  const seen = new Map<string, string>();
  const busy = new Map<string, Promise<void>>();
  let isOn = false;
  const argocd: ArgoCd = {
    faults: new Map(),
    credentials: new Map(),
    persistsResourceHealth: true,
    switchOn: () => {
      isOn = true;
    },
    switchOff: () => {
      isOn = false;
    },
    stop: async () => {
      isOn = false;
      clearInterval(timer);
      await Promise.all(busy.values());
    },
  };

  function tick(): void {
    if (!isOn) return;
    for (const application of store.list(APPLICATION)) {
      const { uid, annotations } = application.metadata;
      const spec = JSON.stringify(application.spec);
      if (busy.has(uid) || (seen.get(uid) === spec && annotations?.[REFRESH] === undefined)) continue;
      seen.set(uid, spec);
      busy.set(
        uid,
        reconcile(application).finally(() => busy.delete(uid)),
      );
    }
  }

  async function reconcile(application: StoredObject): Promise<void> {
    const state = await sourceOf(application);
    const { name } = application.metadata;
    const fault = argocd.faults.get(name);
    if (state instanceof Error) {
      write(application, status.comparisonError(state.message, source(application).targetRevision));
      return;
    }
    const { path = '' } = source(application);
    if (!state.hasPath) {
      write(
        application,
        status.comparisonError(`${path}: app path does not exist`, source(application).targetRevision),
      );
      return;
    }
    const { commit } = state;
    const last = objectAt(objectAt(application, 'status'), 'operationState');
    const lastRevision = textAt(objectAt(last, 'syncResult'), 'revision');
    if (lastRevision === commit && textAt(last, 'phase') === 'Succeeded') {
      write(application, healthOf(commit, fault));
      return;
    }
    const isAutomated = isObject(objectAt(objectAt(application, 'spec'), 'syncPolicy').automated);
    write(application, status.outOfSync(commit));
    // What failed at a commit is not tried again at the same one.
    if (!isAutomated || lastRevision === commit) return;
    await sync(application, commit, fault);
  }

  async function sync(application: StoredObject, commit: string, fault: Fault | undefined): Promise<void> {
    const steps: (() => JsonObject)[] = [
      () => status.operationRequested(commit),
      () => status.operationRunning(commit),
      ...(fault?.kind === 'sync-failed'
        ? [() => status.operationFailed(commit, fault.resource, fault.message)]
        : [
            () => status.operationSucceeded(commit),
            () => status.synced(commit, 'Progressing'),
            () => healthOf(commit, fault),
          ]),
    ];
    for (const step of steps) {
      await setTimeout(STEP_MS);
      if (!isOn) return;
      write(application, step());
    }
  }

  function healthOf(commit: string, fault: Fault | undefined): JsonObject {
    if (fault?.kind !== 'degraded') return status.synced(commit, 'Healthy');
    const { persistsResourceHealth } = argocd;
    return status.degraded(commit, fault.resource, persistsResourceHealth ? fault.message : undefined);
  }

  async function sourceOf(application: StoredObject): Promise<SourceState | Error> {
    const { repoURL, targetRevision, path } = source(application);
    const [, credentials] = [...argocd.credentials].find(([prefix]) => repoURL.startsWith(prefix)) ?? [];
    const wanted = { repoURL, path, targetRevision: targetRevision || 'HEAD' };
    return await readSource(wanted, credentials).catch((error: unknown) => new Error(`failed to fetch: ${error}`));
  }

  /** Writes what a look found; with it the wish for one is fulfilled. */
  function write({ metadata: { uid, name, namespace = '' } }: StoredObject, found: JsonObject): void {
    const current = store.find(APPLICATION, namespace, name);
    if (current?.metadata.uid !== uid) return;
    const merged = mergePatch(current, { metadata: { annotations: { [REFRESH]: null } }, ...found });
    if (isObject(merged)) store.update(APPLICATION, current, merged);
  }

  const timer = setInterval(tick, TICK_MS);
  return argocd;
}

function source(application: StoredObject): { repoURL: string; targetRevision: string; path: string } {
  const spec = objectAt(objectAt(application, 'spec'), 'source');
  const at = (field: string) => textAt(spec, field);
  return { repoURL: at('repoURL'), targetRevision: at('targetRevision'), path: at('path') };
}
