import type { LeaseStore } from '../../../src/cluster/namespace/lease-store.ts';
import type { LeaseObject } from '../../../src/cluster/objects/namespace-objects.ts';
import type { Clock } from '../../../src/core/clock.ts';

/** What happens to a request to the API server, in milliseconds. */
export interface Passage {
  /** Until it arrives. */
  readonly thereMs: number;
  /** Until the answer arrives. */
  readonly backMs: number;
  /** `hang`: nothing comes back; `reset`: the connection breaks; before or after the API server has done it. */
  readonly fate: 'passes' | 'hangs-before' | 'hangs-after' | 'reset-before' | 'reset-after';
}

/** A time in which a machine does nothing. Of one that sleeps the monotonic clock stands still too. */
export interface Pause {
  readonly at: number;
  readonly ms: number;
  readonly isAsleep: boolean;
}

/** A jump of the wall clock. */
export interface Step {
  readonly at: number;
  readonly ms: number;
}

interface Event {
  readonly at: number;
  readonly work: () => void;
}

/** Events in the order of their time, each after all that the one before has set off. */
export class Timeline {
  nowMs = 0;
  readonly #events: Event[] = [];

  /** @returns what takes it back */
  at(at: number, work: () => void): () => void {
    const event = { at: Math.max(at, this.nowMs), work };
    const place = this.#events.findLastIndex((other) => other.at <= event.at);
    this.#events.splice(place + 1, 0, event);
    return () => {
      const index = this.#events.indexOf(event);
      if (index >= 0) this.#events.splice(index, 1);
    };
  }

  async runUntil(endMs: number): Promise<void> {
    for (;;) {
      const next = this.#events.shift();
      if (next === undefined || next.at > endMs) return;
      this.nowMs = next.at;
      next.work();
      await new Promise<void>((settled) => process.nextTick(settled));
    }
  }
}

/** A machine that runs one holder after the other, with clocks and pauses of its own. */
export class Machine implements Clock {
  readonly #timeline: Timeline;
  readonly #pauses: readonly Pause[];
  readonly #steps: readonly Step[];

  constructor(
    timeline: Timeline,
    { pauses, steps }: { readonly pauses: readonly Pause[]; readonly steps: readonly Step[] },
  ) {
    this.#timeline = timeline;
    this.#pauses = pauses;
    this.#steps = steps;
  }

  wallMs(): number {
    const { nowMs } = this.#timeline;
    return this.#steps.filter(({ at }) => at <= nowMs).reduce((sum, { ms }) => sum + ms, 1_000_000_000 + nowMs);
  }

  monotonicMs(): number {
    const { nowMs } = this.#timeline;
    const asleep = this.#pauses.filter(({ at, isAsleep }) => isAsleep && at < nowMs);
    return asleep.reduce((sum, { at, ms }) => sum - Math.min(ms, nowMs - at), nowMs);
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    let at = this.#timeline.nowMs + ms;
    for (const pause of this.#pauses) {
      if (pause.isAsleep && pause.at + pause.ms > this.#timeline.nowMs && pause.at < at) {
        at += pause.at + pause.ms - Math.max(pause.at, this.#timeline.nowMs);
      }
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const takeBack = this.at(at, resolve);
    const stop = () => {
      takeBack();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', stop, { once: true });
    await promise;
    signal?.removeEventListener('abort', stop);
  }

  /** Does it at that time, or when the machine runs again. */
  at(at: number, work: () => void): () => void {
    const pause = this.#pauses.find((one) => one.at <= at && at < one.at + one.ms);
    return this.#timeline.at(pause === undefined ? at : pause.at + pause.ms, work);
  }

  isRunning(): boolean {
    const { nowMs } = this.#timeline;
    return !this.#pauses.some(({ at, ms }) => at <= nowMs && nowMs < at + ms);
  }
}

/** An API server with one Lease. */
export class LeaseServer {
  readonly #timeline: Timeline;
  #version = 0;
  #lease: LeaseObject | undefined;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  /** The way of one machine to it. */
  storeFor(machine: Machine, nextPassage: () => Passage): LeaseStore {
    const send = async <T>(work: () => T, signal: AbortSignal): Promise<T> => {
      signal.throwIfAborted();
      const { thereMs, backMs, fate } = nextPassage();
      const answered = Promise.withResolvers<T>();
      const stop = () => answered.reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      const back = (answer: () => void) => {
        if (!fate.startsWith('hangs')) machine.at(this.#timeline.nowMs + backMs, answer);
      };
      const reset = () => answered.reject(new Error('connection reset'));
      this.#timeline.at(this.#timeline.nowMs + thereMs, () => {
        if (fate.endsWith('before')) {
          back(reset);
          return;
        }
        const result = work();
        back(() => (fate === 'passes' ? answered.resolve(result) : reset()));
      });
      try {
        return await answered.promise;
      } finally {
        signal.removeEventListener('abort', stop);
      }
    };
    const isStored = ({ metadata }: LeaseObject) =>
      this.#lease?.metadata?.resourceVersion === metadata?.resourceVersion;
    return {
      name: 'launchpad-a',
      namespace: 'argocd',
      read: async (signal) => await send(() => this.#lease, signal),
      create: async (spec, { holder }, signal) =>
        await send(
          () => (this.#lease === undefined ? this.#put({ ...spec, holderIdentity: holder }) : undefined),
          signal,
        ),
      replace: async (read, spec, { holder }, signal) =>
        await send(() => (isStored(read) ? this.#put({ ...spec, holderIdentity: holder }) : undefined), signal),
      delete: async (read, signal) =>
        await send(() => {
          if (!isStored(read)) return this.#lease === undefined;
          this.#lease = undefined;
          return true;
        }, signal),
    };
  }

  #put(spec: NonNullable<LeaseObject['spec']>): LeaseObject {
    this.#version += 1;
    this.#lease = { metadata: { resourceVersion: String(this.#version) }, spec };
    return this.#lease;
  }
}
