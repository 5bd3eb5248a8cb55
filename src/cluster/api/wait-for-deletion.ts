import type { LaunchpadError } from '../../core/errors.ts';
import { REMIND_MS, Reminder } from '../../core/reminder.ts';
import type { KubeObject, ObjectRef } from '../objects/objects.ts';
import type { Cluster } from './client.ts';

export interface DeletionOptions {
  /** Longest wait in milliseconds. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

/** The words of the log while it waits. */
export interface DeletionWords<T extends KubeObject> {
  /** Such as `Namespace school`. */
  readonly name: string;
  /** Sentences on what blocks the deletion; empty if nothing is known. It is asked for when the deletion stands still. */
  readonly holders: (object: T) => Promise<string>;
  /** The error when the time is up. */
  readonly error: (object: T) => Promise<LaunchpadError>;
}

/** Milliseconds between two reads; a read needs no permission to list or watch the kind. */
const LOOK_AGAIN_MS = 1_000;

/** Waits until an object whose deletion has begun is deleted. Another object is left alone, and returned. */
export async function waitForDeletion<T extends KubeObject>(
  cluster: Cluster,
  ref: ObjectRef,
  { waitMs, signal, onLine }: DeletionOptions,
  { name, holders, error }: DeletionWords<T>,
): Promise<T | undefined> {
  const { clock } = cluster;
  const deadline = clock.monotonicMs() + waitMs;
  const reminder = new Reminder(onLine, REMIND_MS, clock);
  for (let looks = 0; ; looks += 1) {
    const object = await cluster.read<T>(ref);
    if (object?.metadata?.deletionTimestamp === undefined) return object;
    if (clock.monotonicMs() > deadline) throw await error(object);
    if (looks === 0) reminder.say(`${name} is being deleted: waiting until it is gone.`);
    else if (reminder.dueInMs() <= 0) {
      reminder.say(`${name} is still being deleted. ${await holders(object)}`.trimEnd());
    }
    await clock.sleep(LOOK_AGAIN_MS, signal);
  }
}
