import { randomUUID } from 'node:crypto';

const ROOT = 'refs/launchpad-provision/';
let count = 0;
const run = randomUUID();

/**
 * The name of a new ref for what is fetched, under a name of this run: no lock or ref of an earlier run, and no branch's
 * name, is in its way. Its fetch deletes it again.
 */
export function newOwnRef(): string {
  count += 1;
  return `${ROOT}${run}/${count}`;
}

/** Whether a ref is one of this run's. */
export function isOwnRef(ref: string): boolean {
  return ref.startsWith(`${ROOT}${run}/`);
}
