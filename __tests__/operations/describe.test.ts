import type { PlanReport } from '../../src/core/report.ts';
import { describeStates } from '../../src/operations/describe.ts';
import { describePlanReport } from '../../src/operations/describe-plan.ts';

const NAMES = {
  instance: 'riverside',
  namespace: 'riverside',
  application: 'riverside-production',
  configPath: 'instances/riverside/config.yml',
  bucket: 'launchpad-riverside-3fa9c1e',
};

const PROVISION: PlanReport = {
  ...NAMES,
  operation: 'provision',
  changed: true,
  resources: [
    { kind: 'Namespace', name: 'riverside', state: 'unchanged', fields: [] },
    { kind: 'Role', name: 'launchpad-provision', state: 'change', fields: ['rules[0].verbs', 'metadata.labels.a'] },
    { kind: 'MySQL database', name: 'launchpad-riverside-openedx', state: 'ensure', fields: [] },
  ],
  commit: 'Provision riverside',
  files: [
    { path: 'instances/riverside/config.yml', state: 'create', diff: '+PLATFORM_NAME: School' },
    { path: 'instances/riverside/application.yml', state: 'unchanged', diff: '' },
  ],
  laterKeys: ['MYSQL_HOST'],
  warnings: [],
};

const DEPROVISION: PlanReport = {
  ...NAMES,
  operation: 'deprovision',
  changed: true,
  resources: [
    { kind: 'Application', name: 'riverside-production', state: 'delete', fields: [] },
    { kind: 'Bucket', name: 'launchpad-riverside-*', state: 'remove', fields: [] },
  ],
  commit: 'Deprovision riverside',
  files: [{ path: 'instances/riverside/config.yml', state: 'delete', diff: '' }],
  laterKeys: [],
  warnings: [],
};

/** The lines without their colours. */
function textOf(report: PlanReport): string[] {
  return describePlanReport(report).map(({ text }) => text);
}

describe('the log of a dry run', () => {
  it('has a signed line for each resource, what matters first, then the diffs of the commit and the counts', () => {
    expect(textOf(PROVISION)).toEqual([
      '+ MySQL database  launchpad-riverside-openedx  (if missing)',
      '+ File            instances/riverside/config.yml',
      '= File            instances/riverside/application.yml',
      '= Namespace       riverside',
      '~ Role            launchpad-provision  (rules[0].verbs, metadata.labels.a)',
      'Commit "Provision riverside"',
      '+PLATFORM_NAME: School',
      "Keys of config.yml that the run gets from the vendor's API: MYSQL_HOST",
      'Plan: 1 to create, 1 to change, 0 to destroy (and databases, users and bucket if missing).',
    ]);
    const styles = describePlanReport(PROVISION).map(({ style }) => style);
    expect(styles).toEqual(['green', 'green', 'dim', 'dim', 'yellow', 'bold', undefined, undefined, 'bold']);
  });

  it('of deprovisioning counts what is deleted if it exists', () => {
    expect(textOf(DEPROVISION)).toEqual([
      '- Bucket       launchpad-riverside-*  (if it exists)',
      '- File         instances/riverside/config.yml',
      '- Application  riverside-production',
      'Commit "Deprovision riverside"',
      'Plan: 0 to create, 0 to change, 3 to destroy (databases, users and bucket if they exist).',
    ]);
  });

  it('says if there is nothing to change and nothing to commit', () => {
    const same = { changed: false, files: [], laterKeys: [], commit: '' };
    expect(textOf({ ...PROVISION, ...same }).slice(-2)).toEqual([
      'No file changes',
      'No changes (databases, users and bucket are created if missing).',
    ]);
    const absent = [{ kind: 'Namespace', name: 'riverside', state: 'absent' as const, fields: [] }];
    expect(textOf({ ...DEPROVISION, ...same, resources: absent })).toEqual([
      '= Namespace  riverside  (already absent)',
      'No file changes',
      'No changes: not found, nothing to delete.',
    ]);
  });

  it('names at most eight fields', () => {
    const fields = Array.from({ length: 10 }, (_, index) => `f${index}`);
    const resources = [{ kind: 'Role', name: 'r', state: 'change' as const, fields }];
    expect(textOf({ ...PROVISION, resources }).join()).toContain('(f0, f1, f2, f3, f4, f5, f6, f7 and 2 more)');
  });
});

describe('what became of several resources', () => {
  const states = (...list: readonly ('created' | 'unchanged')[]) => list.map((state) => ({ state }));

  it.each([
    ['6 created', states('created', 'created', 'created', 'created', 'created', 'created'), true],
    ['unchanged', states('unchanged', 'unchanged'), true],
    ['1 created, 2 unchanged', states('created', 'unchanged', 'unchanged'), true],
    ['created', states('created', 'created'), false],
    ['created, unchanged', states('created', 'created', 'unchanged'), false],
    ['', [], false],
  ])('is "%s"', (words, resources, isComplete) => {
    expect(describeStates(resources, isComplete)).toBe(words);
  });
});
