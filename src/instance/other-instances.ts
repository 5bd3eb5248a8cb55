import type { OtherInstance } from './guards/neighbour-guards.ts';
import type { Plan } from './plan.ts';

/**
 * The other instances of this run. The names of one are taken for the others before any branch has them: two instances
 * must not share a database because their template names it.
 */
export class OtherInstances {
  readonly #configs = new Map<string, Uint8Array>();

  /** Adds an instance with its planned config.yml. */
  add({ instance, whole, additions }: Pick<Plan, 'instance' | 'whole' | 'additions'>): void {
    const bytes = whole.edit(additions);
    const before = this.#configs.get(instance.name);
    // What others have read of the same file stays read.
    if (before === undefined || Buffer.compare(before, bytes) !== 0) this.#configs.set(instance.name, bytes);
  }

  /** The other instances with their planned config.yml. */
  othersThan(name: string): OtherInstance[] {
    return [...this.#configs].flatMap(([other, bytes]) => (other === name ? [] : [{ name: other, bytes }]));
  }
}
