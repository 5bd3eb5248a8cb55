import type { Section } from '../fault-case.ts';
import { ALONE, OUTAGES, WRITES } from './cluster.ts';
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

/** Those of them that run on a real cluster too. */
export const MARKED: Section = {
  title: 'Faults of the tables above',
  cases: SECTIONS.flatMap(({ cases }) => cases.filter(({ lab }) => lab === true)),
};

/** All faults of the real cluster. */
export const CLUSTER_SECTIONS: readonly Section[] = [OUTAGES, WRITES, ALONE, MARKED];
