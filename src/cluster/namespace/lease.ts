import { type Clock, SYSTEM_CLOCK } from '../../core/clock.ts';
import { LaunchpadError, messageOf } from '../../core/errors.ts';
import type { Cluster } from '../api/client.ts';
import { isAlreadyExists, isConflict } from '../api/errors.ts';
import type { LeaseObject } from '../objects/namespace-objects.ts';

/** Seconds that a Lease is good for without being renewed, and the times that follow from it, in milliseconds. */
const DURATION_SECONDS = 30;
const DURATION_MS = DURATION_SECONDS * 1000;
const RENEW_MS = 10_000;
/** So long before the Lease ends unrenewed we count it as lost: two runs must never both rely on it. */
const MARGIN_MS = 5_000;
/** So long the last renewal is relied on: a run that cannot renew its Lease for longer ends. */
export const RENEWED_FOR_MS = DURATION_MS - MARGIN_MS;
/** How often a Lease of another is looked at. */
const LOOK_MS = 1_000;
/** How often the log says that it is still waited for. */
const SAY_AGAIN_MS = 30_000;

/** Where the log of the run that holds a Lease is. */
const RUN_ANNOTATION = 'launchpad-provision/run-url';

export interface LeaseRequest {
  readonly name: string;
  readonly namespace: string;
  /** Identity of this run, unlike any other's. */
  readonly holder: string;
  /** What others read of the holder: the URL of the run. */
  readonly description: string;
  /** Longest wait in milliseconds for a Lease that another holds. */
  readonly waitMs: number;
  readonly onWaiting: (line: string) => void;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/** A Lease that this run holds, and renews until it is released. */
export interface HeldLease {
  /** Aborted with a LaunchpadError `lease-lost` as soon as the Lease cannot be relied on any more. */
  readonly signal: AbortSignal;
  /** Stops renewing and, if it is still ours, deletes it. */
  release(): Promise<void>;
}

/**
 * Takes the Lease, and waits while another run holds it. The Lease of a dead run counts as free when we have seen it
 * unchanged for as long as it lasts, by our own clock: clocks need not agree. client-go's leader election does the same (https://pkg.go.dev/k8s.io/client-go/tools/leaderelection).
 *
 * @throws LaunchpadError `lease-held` where another run still holds it after `waitMs`
 */
export async function acquireLease(cluster: Cluster, request: LeaseRequest): Promise<HeldLease> {
  const { waitMs, signal, onWaiting, clock = SYSTEM_CLOCK } = request;
  const start = clock.monotonicMs();
  const observed = new Observation(onWaiting, clock);
  const cancellable = cluster.until(signal);
  for (;;) {
    const held = await createLease(cancellable, request);
    if (held !== undefined) return keep(cluster, request, held);
    const existing = await cancellable.read<LeaseObject>(refOf(request));
    if (existing === undefined) continue;
    // The answer to our own POST was lost.
    if (existing.spec?.holderIdentity === request.holder) return keep(cluster, request, existing);
    if (observed.isFree(existing)) {
      const taken = await takeOver(cancellable, request, existing);
      if (taken !== undefined) return keep(cluster, request, taken);
      continue;
    }
    if (clock.monotonicMs() - start > waitMs) throw heldByAnother(request, existing);
    await clock.sleep(LOOK_MS, signal);
  }
}

/** Deletes the Lease if that holder has it: for the clean-up after a run. */
export async function releaseLease(
  cluster: Cluster,
  request: Pick<LeaseRequest, 'name' | 'namespace' | 'holder'>,
): Promise<void> {
  const lease = await cluster.read<LeaseObject>(refOf(request));
  if (lease?.spec?.holderIdentity !== request.holder) return;
  const { uid, resourceVersion } = lease.metadata ?? {};
  try {
    await cluster.delete(refOf(request), {
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    });
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
}

/** What we have seen of another's Lease, and since when. */
class Observation {
  readonly #onWaiting: (line: string) => void;
  readonly #clock: Clock;
  #version = '';
  #since = 0;
  #said = { holder: '', at: 0 };

  constructor(onWaiting: (line: string) => void, clock: Clock) {
    this.#onWaiting = onWaiting;
    this.#clock = clock;
  }

  /** Whether nobody holds it: it names nobody, or has not been renewed for as long as it lasts. */
  isFree({ metadata, spec }: LeaseObject): boolean {
    const now = this.#clock.monotonicMs();
    const version = `${metadata?.uid} ${metadata?.resourceVersion}`;
    if (version !== this.#version) {
      this.#version = version;
      this.#since = now;
    }
    const holder = spec?.holderIdentity ?? '';
    if (holder === '' || now - this.#since > DURATION_MS) return true;
    if (holder !== this.#said.holder || now - this.#said.at > SAY_AGAIN_MS) {
      this.#said = { holder, at: now };
      const url = metadata?.annotations?.[RUN_ANNOTATION];
      this.#onWaiting(`Another run works on this instance: waiting for run ${holder}${url ? ` (${url})` : ''}.`);
    }
    return false;
  }
}

async function createLease(cluster: Cluster, request: LeaseRequest): Promise<LeaseObject | undefined> {
  try {
    return await cluster.create(leaseOf(request, { acquired: now(request) }));
  } catch (error) {
    if (isAlreadyExists(error)) return undefined;
    throw error;
  }
}

/** Replaces exactly the version that we looked at: of two that try, one gets it. */
async function takeOver(
  cluster: Cluster,
  request: LeaseRequest,
  existing: LeaseObject,
): Promise<LeaseObject | undefined> {
  try {
    return await cluster.replace(
      leaseOf(request, { acquired: now(request), version: existing.metadata?.resourceVersion }),
    );
  } catch (error) {
    if (isConflict(error)) return undefined;
    throw error;
  }
}

function keep(cluster: Cluster, request: LeaseRequest, first: LeaseObject): HeldLease {
  const lost = new AbortController();
  const released = new AbortController();
  const renewing = renew(cluster, request, first, lost, released.signal);
  return {
    signal: lost.signal,
    release: async () => {
      released.abort();
      await renewing;
      if (!lost.signal.aborted) await releaseLease(cluster, request);
    },
  };
}

async function renew(
  cluster: Cluster,
  request: LeaseRequest,
  first: LeaseObject,
  lost: AbortController,
  released: AbortSignal,
): Promise<void> {
  const { clock = SYSTEM_CLOCK } = request;
  const acquired = now(request);
  let lease = first;
  let goodUntil = clock.monotonicMs() + RENEWED_FOR_MS;
  while (await pause(RENEW_MS, released, clock)) {
    const sent = clock.monotonicMs();
    const answered = new AbortController();
    try {
      const limit = AbortSignal.any([released, after(goodUntil - sent, clock, answered.signal)]);
      lease = await cluster.replace(leaseOf(request, { acquired, version: lease.metadata?.resourceVersion }), limit);
      goodUntil = sent + RENEWED_FOR_MS;
    } catch (error) {
      if (released.aborted) return;
      const current = await cluster.read<LeaseObject>(refOf(request)).catch(() => undefined);
      if (current?.spec?.holderIdentity === request.holder && clock.monotonicMs() < goodUntil) {
        lease = current;
        continue;
      }
      lost.abort(lostError(request, current, error));
      return;
    } finally {
      answered.abort();
    }
  }
}

/** False when the wait was cut short. */
async function pause(ms: number, signal: AbortSignal, clock: Clock): Promise<boolean> {
  return await clock.sleep(ms, signal).then(
    () => true,
    () => false,
  );
}

/** A signal that aborts after so many milliseconds, unless the other one does first. */
function after(ms: number, clock: Clock, unless: AbortSignal): AbortSignal {
  const late = new AbortController();
  clock.sleep(Math.max(0, ms), unless).then(
    () => late.abort(new Error('no answer in time')),
    () => undefined,
  );
  return late.signal;
}

function now({ clock = SYSTEM_CLOCK }: Pick<LeaseRequest, 'clock'>): Date {
  return new Date(clock.wallMs());
}

function leaseOf(
  request: LeaseRequest,
  { acquired, version }: { acquired: Date; version?: string | undefined },
): LeaseObject {
  const { name, namespace, holder, description } = request;
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace,
      annotations: { [RUN_ANNOTATION]: description },
      ...(version === undefined ? {} : { resourceVersion: version }),
    },
    spec: {
      holderIdentity: holder,
      leaseDurationSeconds: DURATION_SECONDS,
      acquireTime: microTime(acquired),
      renewTime: microTime(now(request)),
    },
  };
}

/** Kubernetes' MicroTime has six digits after the point. */
function microTime(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}

function refOf({ name, namespace }: Pick<LeaseRequest, 'name' | 'namespace'>) {
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace } };
}

function heldByAnother({ name, namespace, waitMs }: LeaseRequest, { spec, metadata }: LeaseObject): LaunchpadError {
  const url = metadata?.annotations?.[RUN_ANNOTATION] ?? '';
  return new LaunchpadError(
    'lease-held',
    `Run ${spec?.holderIdentity} still works on this instance after ${Math.round(waitMs / 1000)} s (Lease ${name} in namespace ${namespace}).`,
    { remedy: `Let it end, or cancel it (${url}), then run again: this run has touched nothing.` },
  );
}

function lostError(
  { name, namespace, holder: own }: LeaseRequest,
  current: LeaseObject | undefined,
  cause: unknown,
): LaunchpadError {
  const holder = current?.spec?.holderIdentity;
  const why =
    holder === undefined || holder === null || holder === own
      ? `it could not be renewed: ${messageOf(cause)}`
      : `run ${holder} holds it now`;
  return new LaunchpadError('lease-lost', `The run lost Lease ${name} in namespace ${namespace}: ${why}`, {
    remedy: 'This run stopped, and left everything as it was. Look at the other run, or run again.',
    cause,
  });
}
