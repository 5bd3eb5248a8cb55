import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../../src/core/clock.ts';
import { type Pod, podFor } from '../../src/provisioners/pod.ts';
import { ProvisionerError } from '../../src/provisioners/provisioner-error.ts';

/** A clock that cuts each wait off after some milliseconds, and moves on by the rest. It leaves work the time of its limit. */
export function skippingClock(longestMs: number): Clock {
  let skippedMs = 0;
  return {
    wallMs: () => Date.now() + skippedMs,
    monotonicMs: () => performance.now() + skippedMs,
    sleep: async (ms, signal, purpose) => {
      const waitMs = purpose === 'limit' ? ms : Math.min(ms, longestMs);
      await setTimeout(waitMs, undefined, { signal });
      skippedMs += ms - waitMs;
    },
  };
}

/** A pod whose steps run in this process, with `leftMs` milliseconds left for work. */
export function testPod(leftMs: number, clock = skippingClock(1)): Pod {
  return podFor(leftMs, () => undefined, clock);
}

/** The error that a step of a provisioner ends with. */
export async function failureOf(step: Promise<unknown>): Promise<ProvisionerError> {
  const outcome = await step.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof ProvisionerError) return outcome;
  throw new Error('The step did not end with an error of a provisioner.', { cause: outcome });
}

/** All that a person sees of an error. */
export function textOf({ code, message, host, hint }: ProvisionerError): string {
  return JSON.stringify({ code, message, host, hint });
}

/** A name that no other test uses. */
export function unique(prefix: string): string {
  return `${prefix}-${Date.now().toString(36)}${Math.random().toString(36).slice(2, 6)}`;
}
