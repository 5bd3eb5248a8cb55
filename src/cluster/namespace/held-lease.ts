import { type Clock, elapsedMs, type Moment, momentOf, OutOfTime, within } from '../../core/clock.ts';
import { asSentence, LaunchpadError, messageOf } from '../../core/errors.ts';
import type { LeaseObject } from '../objects/namespace-objects.ts';
import { type LeaseHolder, type LeaseStore, runUrl } from './lease-store.ts';

/** Seconds after which others may take a Lease that is not renewed. */
export const DURATION_SECONDS = 30;
/** Milliseconds from one renewal to the next. */
export const RENEW_MS = 10_000;
/**
 * Milliseconds that a Lease is relied on, counted from the sending of its last renewal. The rest of its time is for the
 * changes that are under way: they get 2 s for their answer.
 */
export const RENEWED_FOR_MS = 25_000;
/** Milliseconds between two looks at the clocks, and from a failed renewal to the next. */
const TICK_MS = 1_000;

/** What a run writes into its Lease. Kubernetes' MicroTime has six digits after the point. */
export function leaseSpec(acquired: Moment, renewed: Moment): NonNullable<LeaseObject['spec']> {
  const [acquireTime, renewTime] = [acquired, renewed].map(({ wallMs }) =>
    new Date(wallMs).toISOString().replace('Z', '000Z'),
  );
  return { leaseDurationSeconds: DURATION_SECONDS, acquireTime: acquireTime ?? null, renewTime: renewTime ?? null };
}

export interface HolderOptions extends LeaseHolder {
  readonly clock: Clock;
  readonly onWarning: (line: string, cause: unknown) => void;
}

/** A Lease that this run has, and renews until it is released or lost. */
export class HeldLease {
  readonly #store: LeaseStore;
  readonly #options: HolderOptions;
  readonly #acquired: Moment;
  readonly #lost = new AbortController();
  readonly #released = new AbortController();
  readonly #ended = AbortSignal.any([this.#lost.signal, this.#released.signal]);
  readonly #renewing: Promise<void>;
  /** As it was stored last, as far as we know. */
  #lease: LeaseObject;
  /** When the last renewal that succeeded was sent. */
  #renewed: Moment;
  /** The last renewal that failed, with an error that says more than that its time was over. */
  #failure: { readonly error: unknown } | undefined;
  #isAsking = false;

  /** @param lease as the API server stored it @param sent when the request for it was sent */
  constructor(store: LeaseStore, options: HolderOptions, lease: LeaseObject, sent: Moment) {
    this.#store = store;
    this.#options = options;
    this.#lease = lease;
    this.#acquired = sent;
    this.#renewed = sent;
    this.#renewing = this.#renew();
  }

  /**
   * Aborted as soon as the Lease cannot be relied on any more, with a LaunchpadError: `lease-lost` if another run has it,
   * `lease-not-renewed` if it could not be renewed in time.
   */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** Called directly before each change: a timer may be late, this is not. @throws the signal's reason */
  check(): void {
    this.#requireTime();
    this.#ended.throwIfAborted();
  }

  /** Stops renewing and deletes the Lease if it is ours. It never throws; a warning names what is left. */
  async release(): Promise<void> {
    this.#released.abort(new Error('The Lease was released.'));
    await this.#renewing;
    if (!isTakenByAnother(this.#lost.signal.reason)) {
      await releaseLease(this.#store, this.#options, { known: this.#lease });
    }
  }

  async #renew(): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      const ageMs = this.#requireTime();
      const pauseMs = Math.min(TICK_MS, RENEWED_FOR_MS - ageMs);
      if (this.#ended.aborted || !(await endOf(clock.sleep(pauseMs, this.#ended)))) return;
      if (elapsedMs(clock, this.#renewed) >= RENEW_MS && !this.#isAsking) void this.#ask();
    }
  }

  /** One renewal. Half of the time that is left is for it, so that one that hangs leaves time for another. */
  async #ask(): Promise<void> {
    const { clock } = this.#options;
    this.#isAsking = true;
    try {
      const limitMs = (RENEWED_FOR_MS - elapsedMs(clock, this.#renewed)) / 2;
      const found = await within(limitMs, { clock, signal: this.#ended }, (signal) => this.#replace(signal));
      if ('sent' in found) {
        this.#lease = found.lease;
        this.#renewed = found.sent;
        this.#failure = undefined;
      } else this.#lost.abort(found.error);
    } catch (error) {
      if (this.#failure === undefined || !(error instanceof OutOfTime)) this.#failure = { error };
    } finally {
      this.#isAsking = false;
    }
  }

  /** Replaces the Lease. Where another version is stored, it may be ours: the answer to a renewal can be lost. */
  async #replace(
    signal: AbortSignal,
  ): Promise<{ readonly lease: LeaseObject; readonly sent: Moment } | { readonly error: LaunchpadError }> {
    const { clock, holder } = this.#options;
    for (let read: LeaseObject | undefined = this.#lease, isKnown = this.#failure === undefined; ; isKnown = false) {
      if (!isKnown) read = await this.#store.read(signal);
      if (read === undefined || !read.spec?.holderIdentity) return { error: this.#removed() };
      if (read.spec.holderIdentity !== holder) return { error: this.#taken(read) };
      const sent = momentOf(clock);
      const lease = await this.#store.replace(read, leaseSpec(this.#acquired, sent), this.#options, signal);
      if (lease !== undefined) return { lease, sent };
      if (!isKnown) throw new Error('it changes all the time');
    }
  }

  /** Milliseconds since the last renewal. Gives the Lease up where they are too many. */
  #requireTime(): number {
    const ageMs = elapsedMs(this.#options.clock, this.#renewed);
    if (ageMs >= RENEWED_FOR_MS && !this.#ended.aborted) this.#lost.abort(this.#notRenewed(ageMs));
    return ageMs;
  }

  get #title(): string {
    return `Lease ${this.#store.name} in namespace ${this.#store.namespace}`;
  }

  #taken(lease: LeaseObject): LaunchpadError {
    const holder = lease.spec?.holderIdentity;
    const url = runUrl(lease);
    return new LaunchpadError('lease-lost', `The run lost ${this.#title}: run ${holder} has it now.`, {
      remedy: `This run stopped and changes nothing more. Look at run ${holder}${url === '' ? '' : ` (${url})`}: it cleans up after this one.`,
    });
  }

  #removed(): LaunchpadError {
    return new LaunchpadError('lease-not-renewed', `${this.#title} was deleted or cleared while the run needed it.`, {
      remedy: `This run stopped, and deletes its workflows and temporary Secrets. Find out who deletes Leases in namespace ${this.#store.namespace}, then run again.`,
    });
  }

  #notRenewed(ageMs: number): LaunchpadError {
    const seconds = Math.round(ageMs / 1000);
    const isLate = ageMs > RENEWED_FOR_MS + 2 * TICK_MS;
    const why = this.#failure === undefined ? 'the API server gave no answer' : messageOf(this.#failure.error);
    const message = isLate
      ? `${this.#title} could not be renewed: the machine was suspended, or its clock was set forward, for ${seconds} s.`
      : `${this.#title} could not be renewed for ${seconds} s: ${asSentence(why)}`;
    const remedy = isLate ? 'Run again' : 'Check the connection to the Kubernetes API server, then run again';
    return new LaunchpadError('lease-not-renewed', message, {
      remedy: `${remedy}. This run stopped, and deletes its workflows and temporary Secrets as soon as the API server answers.`,
      cause: this.#failure?.error,
    });
  }
}

/** Whether another run has the Lease, and cleans up what this one left. */
export function isTakenByAnother(error: unknown): boolean {
  return error instanceof LaunchpadError && error.code === 'lease-lost';
}

/** Attempts to delete a Lease that changes meanwhile: a last renewal may still arrive. */
const RELEASES = 5;

interface ReleaseOptions {
  readonly signal?: AbortSignal;
  /** The Lease as that holder stored it last: it need not be read if nobody changed it since. */
  readonly known?: LeaseObject;
}

/** Deletes the Lease if that holder has it. It never throws, because the run has ended; a warning says what is left. */
export async function releaseLease(
  store: LeaseStore,
  { holder, onWarning }: Pick<HolderOptions, 'holder' | 'onWarning'>,
  { signal = new AbortController().signal, known }: ReleaseOptions = {},
): Promise<void> {
  try {
    for (let attempt = 1; attempt <= RELEASES; attempt += 1) {
      const lease = attempt === 1 && known !== undefined ? known : await store.read(signal);
      if (lease?.spec?.holderIdentity !== holder || (await store.delete(lease, signal))) return;
    }
    throw new Error('it changes all the time');
  } catch (error) {
    onWarning(
      `Lease ${store.name} in namespace ${store.namespace} could not be deleted: ${asSentence(messageOf(error))} It expires by itself after ${DURATION_SECONDS} s; until then another run of the instance waits.`,
      error,
    );
  }
}

/** False when the wait was cut short. */
async function endOf(wait: Promise<void>): Promise<boolean> {
  return await wait.then(
    () => true,
    () => false,
  );
}
