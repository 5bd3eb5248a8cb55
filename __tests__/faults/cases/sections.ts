import type { Section } from '../fault-case.ts';
import { DEPROVISION } from './deprovision.ts';
import { KUBERNETES, KUBERNETES_FAILS } from './kubernetes.ts';
import { PODS } from './pods.ts';
import { REPOSITORY } from './repository.ts';
import { SERVERS } from './servers.ts';
import { SIGNALS } from './signals.ts';
import { VENDORS } from './vendors.ts';

/** All faults, in the order of docs/reliability.md. */
export const SECTIONS: readonly Section[] = [
  KUBERNETES,
  KUBERNETES_FAILS,
  REPOSITORY,
  SERVERS,
  VENDORS,
  PODS,
  SIGNALS,
  DEPROVISION,
];
