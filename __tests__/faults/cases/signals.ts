import type { FaultCase, Section } from '../fault-case.ts';
import { endedAt, type MOMENTS } from './moments.ts';

type Name = keyof typeof MOMENTS;

const EACH: readonly Name[] = [
  'review',
  'lease',
  'reading',
  'namespace',
  'secret',
  'program',
  'workflow',
  'watch',
  'temporary',
  'push',
  'pushed',
  'seed',
  'application',
];
const WITH_A_STEP_AFTER: readonly Name[] = ['lease', 'namespace', 'workflow', 'watch', 'pushed', 'application'];
const IN_TIME: readonly Name[] = ['reading', 'workflow', 'watch', 'push'];
const LAB: readonly Name[] = ['workflow', 'watch', 'pushed'];

/** When the work is done, the end of the job may come too late to matter. */
const LATE: readonly Name[] = ['seed', 'application'];

function ended(end: Parameters<typeof endedAt>[0], names: readonly Name[]): FaultCase[] {
  return names.map((name) => ({
    ...endedAt(end, name),
    ...(LATE.includes(name) && end === 'cancelled' ? { ends: 'either' } : {}),
    ...(LAB.includes(name) && end === 'died' ? { lab: true } : {}),
  }));
}

export const SIGNALS: Section = {
  title: 'A run that is ended from outside',
  cases: [
    ...ended('died', EACH),
    ...ended('cancelled', EACH),
    ...ended('killed', WITH_A_STEP_AFTER),
    ...ended('terminated', IN_TIME),
    ...ended('interrupted', IN_TIME),
  ],
};
