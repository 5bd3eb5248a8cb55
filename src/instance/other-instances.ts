import type { OtherInstance } from './guards/neighbour-guards.ts';
import type { Plan } from './plan.ts';

/**
 * The instances that one process works on at the same time. What one of them is going to use is taken for the others,
 * though no branch has it yet: a template that gives each instance the same database, say, must not make them share it.
 */
export class OtherInstances {
  readonly #configs = new Map<string, Uint8Array>();

  /** The instance is going to have this config.yml. */
  add({ instance, whole, additions }: Pick<Plan, 'instance' | 'whole' | 'additions'>): void {
    this.#configs.set(instance.name, whole.edit(additions));
  }

  /** What the others are going to have. */
  othersThan(name: string): OtherInstance[] {
    return [...this.#configs].flatMap(([other, bytes]) => (other === name ? [] : [{ name: other, bytes }]));
  }
}
