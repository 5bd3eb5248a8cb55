import { type Clock, elapsedMs, momentOf, SYSTEM_CLOCK, within } from '../../core/clock.ts';
import { LaunchpadError } from '../../core/errors.ts';
import type { LeaseObject } from '../objects/namespace-objects.ts';
import { DURATION_SECONDS, HeldLease, leaseSpec, RENEW_MS, releaseLease } from './held-lease.ts';
import { type LeaseHolder, type LeaseStore, runUrl } from './lease-store.ts';

/** Milliseconds between two looks at a Lease of another. */
const LOOK_MS = 1_000;
/** Milliseconds after which the log says again that it is still waited for. */
const SAY_AGAIN_MS = 30_000;
/** Milliseconds to take back a Lease that we may have taken when the wait for it ended. */
const TAKE_BACK_MS = 5_000;
/** Attempts to take a free Lease before the next pause: others may try too. */
const ATTEMPTS = 3;

export interface LeaseRequest extends LeaseHolder {
  /** Longest wait in milliseconds for a Lease that another holds. */
  readonly waitMs: number;
  readonly onWaiting: (line: string) => void;
  readonly onWarning: (line: string, cause: unknown) => void;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/**
 * Takes the Lease, and waits while another run holds it. The Lease of a dead run counts as free when we have seen it
 * unchanged for as long as it lasts, by our own clock: clocks need not agree. client-go's leader election does the same (https://pkg.go.dev/k8s.io/client-go/tools/leaderelection).
 *
 * @throws LaunchpadError `lease-held` where another run still holds it after `waitMs`
 */
export async function acquireLease(store: LeaseStore, request: LeaseRequest): Promise<HeldLease> {
  const { clock = SYSTEM_CLOCK, holder, signal } = request;
  const options = { ...request, clock };
  const observed = new Observation(request.onWaiting, clock);
  const start = clock.monotonicMs();
  let existing: LeaseObject | undefined;
  let isSent = false;
  try {
    for (let isTakeable = true, attempts = 0; ; ) {
      if (isTakeable) {
        attempts += 1;
        isSent = true;
        const sent = momentOf(clock);
        const spec = leaseSpec(sent, sent);
        const lease =
          existing === undefined
            ? await store.create(spec, request, signal)
            : await store.replace(existing, spec, request, signal);
        // One that took long is renewed first: its time counts from its sending.
        if (lease !== undefined && elapsedMs(clock, sent) < RENEW_MS) return new HeldLease(store, options, lease, sent);
      }
      existing = await store.read(signal);
      // The answer to an attempt of ours was lost, or came late.
      const isOurs = existing?.spec?.holderIdentity === holder;
      isSent = isOurs;
      isTakeable = existing === undefined || isOurs || observed.isFree(existing);
      if (isTakeable && attempts < ATTEMPTS) continue;
      if (clock.monotonicMs() - start > request.waitMs) throw heldByAnother(store, request, existing);
      attempts = 0;
      await clock.sleep(LOOK_MS, signal);
    }
  } catch (error) {
    if (isSent) await takeBack(store, options);
    throw error;
  }
}

/** Deletes a Lease that is ours, though we do not know it. */
async function takeBack(store: LeaseStore, request: LeaseRequest & { readonly clock: Clock }): Promise<void> {
  const limits = { clock: request.clock, signal: new AbortController().signal };
  await within(TAKE_BACK_MS, limits, (signal) => releaseLease(store, request, { signal })).catch(() => undefined);
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
  isFree(lease: LeaseObject): boolean {
    const { metadata, spec } = lease;
    const now = this.#clock.monotonicMs();
    const version = `${metadata?.uid} ${metadata?.resourceVersion}`;
    if (version !== this.#version) {
      this.#version = version;
      this.#since = now;
    }
    const holder = spec?.holderIdentity ?? '';
    // Other versions of this program, or other programs, may give it another time.
    const durationMs = (spec?.leaseDurationSeconds || DURATION_SECONDS) * 1000;
    if (holder === '' || now - this.#since > durationMs) return true;
    if (holder !== this.#said.holder || now - this.#said.at > SAY_AGAIN_MS) {
      this.#said = { holder, at: now };
      const url = runUrl(lease);
      this.#onWaiting(`Another run works on this instance: waiting for run ${holder}${url ? ` (${url})` : ''}.`);
    }
    return false;
  }
}

function heldByAnother({ name, namespace }: LeaseStore, { waitMs }: LeaseRequest, lease: LeaseObject | undefined) {
  const url = lease === undefined ? '' : runUrl(lease);
  return new LaunchpadError(
    'lease-held',
    `Run ${lease?.spec?.holderIdentity} still works on this instance after ${Math.round(waitMs / 1000)} s (Lease ${name} in namespace ${namespace}).`,
    { remedy: `Let it end, or cancel it${url ? ` (${url})` : ''}, then run again: this run has touched nothing.` },
  );
}
