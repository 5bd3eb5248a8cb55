import type { Lookup } from '../inputs/lookup.ts';

/** The environment for git: that of the action without its inputs and settings, which are full of secrets. */
export function gitEnvironment(lookup: Lookup): Record<string, string> {
  return Object.fromEntries(
    Object.entries(lookup.environment()).flatMap(([name, value]) =>
      value === undefined || /^(INPUT|LAUNCHPAD)_/i.test(name) ? [] : [[name, value]],
    ),
  );
}
