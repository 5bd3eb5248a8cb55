import { type Neighbour, readNeighbour } from './guards/neighbour-guards.ts';
import type { Plan } from './plan.ts';

/**
 * The other instances of this run. The names of one are taken for the others before any branch has them: two instances
 * must not share a database because their template names it.
 */
export class OtherInstances {
  readonly #planned = new Map<string, Neighbour>();

  /** Adds an instance with its planned config.yml. */
  add({ instance: { name }, whole, additions }: Pick<Plan, 'instance' | 'whole' | 'additions'>): void {
    this.#planned.set(name, readNeighbour({ name, bytes: whole.edit(additions) }));
  }

  /** The other instances with what their planned config.yml names. */
  othersThan(name: string): Neighbour[] {
    return [...this.#planned.values()].filter((other) => other.name !== name);
  }
}
